/** How the kit names itself to servers. */
export const USER_AGENT = 'exporter-kit/0.1.0';
