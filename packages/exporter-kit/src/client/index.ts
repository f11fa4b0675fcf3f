export { basicOf, withoutCredentials } from './credentials.ts';
export { parseHttpDate } from './http-date.ts';
export { type ProxyFor, type ProxySettings, proxyRules, proxySettings, proxyUrl } from './proxy-rules.ts';
export { ask, type HttpRequest, type HttpResponse } from './send-request.ts';
export { connectProxy, proxyHeaders, tunnel } from './via-proxy.ts';
