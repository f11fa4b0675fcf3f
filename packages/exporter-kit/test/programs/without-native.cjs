// Loaded before a program: as if it was installed without what is optional, native parts among it.
const Module = require('node:module');

const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  if (/^@(node-rs|napi-rs)\/.*-(linux|darwin|win32|wasm)|\.(node|cjs)$/.test(request)) {
    throw Object.assign(new Error(`Cannot find module '${request}'`), { code: 'MODULE_NOT_FOUND' });
  }
  return resolve.call(this, request, ...rest);
};
