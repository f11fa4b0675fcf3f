export { ask, type HttpAnswer, type HttpRequest } from './ask.ts';
export { basicOf, withoutCredentials } from './credentials.ts';
export { parseHttpDate } from './http-date.ts';
export { type ProxyFor, type ProxySettings, proxyRules, proxySettings, proxyUrl } from './proxy-rules.ts';
export { connectProxy, proxyHeaders, tunnel } from './via-proxy.ts';
