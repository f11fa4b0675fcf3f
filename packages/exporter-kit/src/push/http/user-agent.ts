/** The kit's `User-Agent`. */
export const USER_AGENT = 'exporter-kit/0.1.0';
