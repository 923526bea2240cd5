// The one static server of all sites. Each has an origin of its own, on which the Key API answers
// too, so that no site asks for permission first.

import { createServer, request } from "node:http";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** What the Key API answers. All else is a file of the site. */
const OF_THE_API = /^\/(auth|keys)(\/|$)|^\/openapi\.json$/;
const HASHED = /-[0-9a-zA-Z]{8,}(_bg)?\.[a-z]+$/;

/**
 * Serves the files of `folder`, compressed before the first request, and sends to `api` what is
 * meant for it. Gives the site's origin.
 */
export async function serve(folder, api) {
  const files = await load(folder);
  const server = createServer((asked, answer) => {
    const { pathname } = new URL(asked.url, "http://localhost");
    if (OF_THE_API.test(pathname)) return pass(asked, answer, api);
    const file = files.get(pathname === "/" ? "/index.html" : pathname);
    if (!file) return answer.writeHead(404, { "content-length": 0 }).end();
    answer.writeHead(200, file.headers).end(file.body);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, stop };
}

async function load(folder) {
  const files = new Map();
  for (const name of await readdir(folder)) {
    const type = TYPES[extname(name)];
    if (!type) continue;
    const plain = await readFile(join(folder, name));
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
    };
    const body = brotliCompressSync(plain, { params });
    const headers = {
      "content-type": type,
      "content-encoding": "br",
      "content-length": body.length,
      "cache-control": HASHED.test(name) ? "public, max-age=31536000, immutable" : "no-cache",
    };
    files.set(`/${name}`, { body, headers });
  }
  if (!files.has("/index.html")) throw new Error("there is no index.html in a site's folder");
  return files;
}

function pass(asked, answer, api) {
  const { host } = new URL(api);
  const headers = { ...asked.headers, host };
  // The Key API takes nothing from pages of another origin, and the port is part of it.
  if (headers.origin) headers.origin = api;
  delete headers.referer;
  const { method, url } = asked;
  const passed = request(api + url, { method, headers }, (answered) => {
    answer.writeHead(answered.statusCode, answered.headers);
    answered.pipe(answer);
  });
  passed.once("error", () => answer.writeHead(502, { "content-length": 0 }).end());
  asked.pipe(passed);
}
