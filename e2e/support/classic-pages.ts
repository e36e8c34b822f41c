/**
 * Small pages in place of a classic 美多 front end, at the addresses that these have written into them, with the requests of
 * theirs: axios as it was then, a picture in an <img>, the token in the browser's storage.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";

export const classicSite = "http://www.meiduo.site:8080";
export const classicApi = "http://api.meiduo.site:8000";
/** The same pages at an address that nobody listed. */
export const strangeSite = "http://shop.meiduo.site:8080";

const script = `
const host = ${JSON.stringify(classicApi)};
/** As axios 0.18 does it: XMLHttpRequest without credentials. */
function call(method, path, data, token) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, host + path);
    xhr.setRequestHeader('Accept', 'application/json, text/plain, */*');
    if (data !== undefined) xhr.setRequestHeader('Content-Type', 'application/json;charset=utf-8');
    if (token) xhr.setRequestHeader('Authorization', 'JWT ' + token);
    xhr.onload = () => resolve({ status: xhr.status, body: xhr.responseText ? JSON.parse(xhr.responseText) : null });
    xhr.onerror = () => reject(new Error(method + ' ' + path + ' was kept from the page'));
    xhr.send(data === undefined ? null : JSON.stringify(data));
  });
}
/** The classic pages' own uuid: it needs no secure context. */
function uuid() {
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (c) => {
    const r = Math.random() * 16 | 0;
    return (c === 'x' ? r : (r & 3 | 8)).toString(16);
  });
}
function draw() {
  const id = uuid();
  const img = document.querySelector('img');
  return new Promise((resolve, reject) => {
    img.onload = () => resolve({ id, width: img.naturalWidth });
    img.onerror = () => reject(new Error('no picture'));
    img.src = host + '/image_codes/' + id + '/';
  });
}
`;

const pageOf = (
  title: string,
) => `<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>${title}</title>
<link rel="icon" href="data:,"></head><body><h1>${title}</h1><img alt="图形验证码"><script>${script}</script></body></html>`;

export interface ClassicPages {
  /** For the browser: the written addresses lead to these pages and to the product. */
  hosts(apiPort: number): string;
  close(): Promise<void>;
}

export async function openClassicPages(): Promise<ClassicPages> {
  const server = createServer((request, response) => {
    const name = /^\/([a-z_]+)\.html(?:\?|$)/.exec(request.url ?? "")?.[1];
    response.statusCode = name === undefined ? 404 : 200;
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(name === undefined ? "" : pageOf(name));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    hosts(apiPort) {
      const leads = [
        ...[classicSite, strangeSite].map((url) => [url, port] as const),
        [classicApi, apiPort] as const,
      ];
      const rules = leads.map(([url, to]) => `MAP ${new URL(url).host} 127.0.0.1:${to}`);
      return `--host-resolver-rules=${rules.join(", ")}`;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Called<Body> {
  readonly status: number;
  readonly body: Body;
}

/** A request of the page that is shown. Rejects where the browser keeps the answer from it, as without CORS. */
export function call<Body = Record<string, unknown>>(
  page: Page,
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  data?: object,
  token?: string,
): Promise<Called<Body>> {
  const given = [method, path, data, token].map((one) => JSON.stringify(one) ?? "undefined");
  return page.evaluate(`call(${given.join(", ")})`);
}

/** Draws a picture in the page's <img>: its id, and how wide it came. */
export const draw = (page: Page): Promise<{ readonly id: string; readonly width: number }> =>
  page.evaluate("draw()");
