import { z } from 'exporter-kit/config';
import { regexp } from 'exporter-kit/regexp';
import { addressConfig } from '../net/address.ts';
import { tlsConfig } from '../net/tls.ts';
import { classes, rcodes, types } from './numbers.ts';

/** What the records of one section must match, each in zone-file form. */
const validation = z.strictObject({
  fail_if_matches_regexp: z.array(regexp()).default([]),
  fail_if_all_match_regexp: z.array(regexp()).default([]),
  fail_if_not_matches_regexp: z.array(regexp()).default([]),
  fail_if_none_matches_regexp: z.array(regexp()).default([]),
});

/** The section `dns` of a module, with blackbox_exporter's keys and defaults. */
export const dnsConfig = z
  .strictObject({
    ...addressConfig,
    source_ip_address: z.union([z.ipv4(), z.ipv6()]).optional(),
    transport_protocol: z.enum(['udp', 'tcp']).default('udp'),
    dns_over_tls: z.boolean().default(false),
    tls_config: tlsConfig.prefault({}),
    query_name: z.string().min(1),
    query_type: z.enum(types).default('ANY'),
    query_class: z.enum(classes).default('IN'),
    recursion_desired: z.boolean().default(true),
    valid_rcodes: z.array(z.enum(rcodes)).default(['NOERROR']),
    validate_answer_rrs: validation.prefault({}),
    validate_authority_rrs: validation.prefault({}),
    validate_additional_rrs: validation.prefault({}),
  })
  .refine(({ dns_over_tls, transport_protocol }) => !dns_over_tls || transport_protocol === 'tcp', {
    path: ['transport_protocol'],
    message: 'must be tcp with dns_over_tls',
  });

export type DnsConfig = z.infer<typeof dnsConfig>;
export type Validation = DnsConfig['validate_answer_rrs'];
