import { z } from 'exporter-kit/config';
import { regexp } from 'exporter-kit/regexp';
import { addressConfig } from '../net/address.ts';
import { tlsConfig } from '../net/tls.ts';

const label = z.strictObject({ name: z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), value: z.string() });

/** One step of a dialogue; its keys in order of execution. */
const step = z
  .strictObject({
    /** Reads lines until one matches. */
    expect: regexp().optional(),
    expect_bytes: z.string().optional(),
    /** Labels of `probe_expect_info`; `${1}` is what a group of `expect` matched. */
    labels: z.array(label).optional(),
    /** Sent with a line feed; `${1}` as in `labels`. */
    send: z.string().optional(),
    starttls: z.boolean().default(false),
  })
  .refine(({ expect, expect_bytes }) => expect === undefined || expect_bytes === undefined, {
    message: 'use either expect or expect_bytes, not both',
  });

/** The section `tcp` of a module, with blackbox_exporter's keys and defaults. */
export const tcpConfig = z.strictObject({
  ...addressConfig,
  source_ip_address: z.union([z.ipv4(), z.ipv6()]).optional(),
  query_response: z.array(step).default([]),
  tls: z.boolean().default(false),
  tls_config: tlsConfig.prefault({}),
});

export type TcpConfig = z.infer<typeof tcpConfig>;
export type Step = TcpConfig['query_response'][number];
