/// <reference types="node" preserve="true" />
export { basicCredentials, withoutCredentials } from './credentials.ts';
export { parseHttpDate } from './http-date.ts';
export { type ProxyFor, type ProxySettings, proxyRules, proxySettings, proxyUrl } from './proxy-rules.ts';
export { type HttpRequest, type HttpResponse, sendRequest } from './send-request.ts';
export { connectProxy, openTunnel, proxyHeaders } from './via-proxy.ts';
