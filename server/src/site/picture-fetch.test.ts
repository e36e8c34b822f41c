import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { fetchPicturesThrough } from "./picture-fetch.ts";

const closes: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
});

async function openProxy() {
  const asked: string[] = [];
  const proxy = createServer((_request, response) => response.end("not asked for a tunnel"));
  proxy.on("connect", (request, socket) => {
    asked.push(String(request.url));
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  closes.push(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return { address: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
}

it("asks the proxy for the picture's host", async () => {
  const { address, asked } = await openProxy();
  const { fetchPicture, close } = fetchPicturesThrough({ http: address, https: address, except: "" });
  closes.push(close);
  const signal = AbortSignal.timeout(5_000);
  await expect(fetchPicture(new URL("https://thirdqq.qlogo.cn/g?k=1"), { signal })).rejects.toThrow();
  expect(asked).toEqual(["thirdqq.qlogo.cn:443"]);
});

it("goes straight to this machine, and brings the answer's headers", async () => {
  const { address, asked } = await openProxy();
  const host = createServer((request, response) =>
    response.setHeader("content-type", "image/png").end(`accept ${request.headers.accept}`),
  );
  await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
  closes.push(() => host.close());
  const { fetchPicture, close } = fetchPicturesThrough({ http: address, https: address, except: "" });
  closes.push(close);
  const { port } = host.address() as AddressInfo;
  const picture = await fetchPicture(new URL(`http://127.0.0.1:${port}/`), {
    headers: { accept: "image/png" },
  });
  expect([picture.headers.get("content-type"), await picture.text()]).toEqual([
    "image/png",
    "accept image/png",
  ]);
  expect(asked).toEqual([]);
});

it("closes without ever having been used", async () => {
  await fetchPicturesThrough({ http: "", https: "", except: "" }).close();
});
