import type { LookupAddress } from "node:dns";
import { expect, it } from "vitest";
import { guardedHttp, type Lookup } from "../hooks/guarded-agent.ts";
import { fetchPicturesBy } from "../site/picture-fetch.ts";
import { createProviderPictures } from "./provider-pictures.ts";

/** What is asked for a third party's picture, down to the connection: a host of the list whose name leads into this network. */
const takeFrom = async (avatar: string, addresses: readonly LookupAddress[]) => {
  const lookup: Lookup = (_host, _options, done) => done(null, [...addresses]);
  const http = await guardedHttp({
    ...{ privateHosts: [], timeoutMillis: 2000, setting: "", lookup },
    proxy: { http: "", https: "", except: "" },
  });
  const lines: string[] = [];
  const pictures = createProviderPictures({
    bindings: { list: async () => [{ provider: "acme", avatar }] as never },
    providers: { find: () => ({ name: "acme", pictureHosts: [/^faces\.acme\.example$/] }) as never },
    fetchPicture: fetchPicturesBy(http.client),
    log: { info: (line: object) => void lines.push(String((line as { err: Error }).err.cause)) },
  });
  const outcome = await pictures.take(1, "acme").catch((error: { code: string }) => error.code);
  await http.close();
  return { outcome, lines };
};

it.each(["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1"])(
  "a host whose name leads to %s is not connected to",
  async (address) => {
    const family = address.includes(":") ? 6 : 4;
    const { outcome, lines } = await takeFrom("https://faces.acme.example/1.png", [{ address, family }]);
    expect(outcome).toBe("picture_not_there");
    expect(lines).toEqual([expect.stringContaining("no public address")]);
  },
);

it.each([
  "http://faces.acme.example/1.png",
  "https://faces.acme.example:8443/1.png",
  "https://faces.acme.example@127.0.0.1/1.png",
  "https://faces.acme.example.evil.example/1.png",
  "https://127.0.0.1/1.png",
  "file:///etc/passwd",
])("%s is no picture's address, and nothing is looked up", async (avatar) => {
  const { outcome, lines } = await takeFrom(avatar, [{ address: "127.0.0.1", family: 4 }]);
  expect([outcome, lines]).toEqual(["picture_not_there", []]);
});
