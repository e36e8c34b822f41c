import Fastify from "fastify";
import { expect, it } from "vitest";
import { providerList } from "../identities/providers/providers.ts";
import { allowedAvatar, avatarRoute, createPictureUrl } from "./avatar-proxy.ts";

const hosts = providerList.flatMap(({ pictureHosts }) => pictureHosts);

it.each([
  "https://thirdqq.qlogo.cn/g?b=oidb&k=x&s=100",
  "https://thirdwx.qlogo.cn/mmopen/vi_32/x/132",
  "https://qzapp.qlogo.cn/qzapp/1/x/100",
  "https://q1.qlogo.cn/g?b=qq&nk=1&s=100",
  "https://wx.qlogo.cn/mmopen/x/0",
  "https://tp1.sinaimg.cn/1404376560/180/0/1",
  "https://tva2.sinaimg.cn/crop.0.0.1/x.jpg",
  "https://tvax1.sinaimg.cn/crop.0.0.1/x.jpg",
  "https://tvp.sinaimg.cn/x.jpg",
  "https://avatars.githubusercontent.com/u/1?v=4",
])("fetches %s", (address) => expect(allowedAvatar(address, hosts)?.href).toBe(address));

it.each([
  "http://thirdqq.qlogo.cn/x",
  "https://qlogo.cn.evil.example/x",
  "https://raw.githubusercontent.com/somebody/repository/main/x.png",
  "https://user-images.githubusercontent.com/1/x.png",
  "https://githubusercontent.com/u/1",
  "https://avatars.githubusercontent.com.evil.example/u/1",
  "https://xavatars.githubusercontent.com/u/1",
  "https://wx1.sinaimg.cn/large/x.jpg",
  "https://tp1.sinaimg.cn.evil.example/x",
  "https://evil.tp1.sinaimg.cn/x",
  "https://other.qlogo.cn/x",
  "https://evilqlogo.cn/x",
  "https://127.0.0.1/x",
  "https://[::1]/x",
  "https://qlogo.cn:8443/x",
  "https://user@qlogo.cn/x",
  "https://evil.example/?qlogo.cn",
  "file:///etc/passwd",
  "data:image/png;base64,AA",
  "",
  undefined,
  ["https://qlogo.cn/a", "https://qlogo.cn/b"],
])("does not fetch %j", (address) => expect(allowedAvatar(address, hosts)).toBeNull());

async function ask(answer: () => Response, address = "https://thirdqq.qlogo.cn/g") {
  const site = Fastify();
  const asked: string[] = [];
  avatarRoute(site, hosts, async (url, init) => {
    asked.push(`${url.href} ${init.redirect}`);
    return answer();
  });
  const response = await site.inject({ url: "/avatar", query: { address } });
  await site.close();
  return { asked, response };
}

it("hands on the picture and nothing else of the answer", async () => {
  const headers = { "content-type": "image/png; charset=x", "set-cookie": "track=1", "x-powered-by": "them" };
  const { asked, response } = await ask(() => new Response("pixels", { headers }));
  expect(asked).toEqual(["https://thirdqq.qlogo.cn/g error"]);
  expect([response.statusCode, response.body]).toEqual([200, "pixels"]);
  expect(response.headers["content-type"]).toBe("image/png");
  expect(response.headers["set-cookie"]).toBeUndefined();
  expect(response.headers["x-powered-by"]).toBeUndefined();
});

it("may be shown on pages of other origins, where `avatar_url` leads to it", async () => {
  const headers = { "content-type": "image/png" };
  const { response } = await ask(() => new Response("pixels", { headers }));
  expect(response.headers["cross-origin-resource-policy"]).toBe("cross-origin");
});

it.each([
  ["an error page", () => new Response("no", { status: 500, headers: { "content-type": "image/png" } })],
  ["HTML", () => new Response("<script>", { headers: { "content-type": "text/html" } })],
  [
    "SVG, which can run scripts",
    () => new Response("<svg>", { headers: { "content-type": "image/svg+xml" } }),
  ],
  ["too much", () => new Response("x".repeat(600_000), { headers: { "content-type": "image/png" } })],
  [
    "a dropped connection",
    () => {
      throw new TypeError("fetch failed");
    },
  ],
])("answers 404 for %s", async (_what, answer) => {
  expect((await ask(answer as () => Response)).response.statusCode).toBe(404);
});

it("asks nobody where the address is not allowed", async () => {
  const { asked, response } = await ask(() => new Response("x"), "https://169.254.169.254/latest");
  expect([response.statusCode, asked]).toEqual([404, []]);
});

it("fetches 20 at once and no more, of one client five, and goes on when they are through", async () => {
  const site = Fastify();
  const waiting: (() => void)[] = [];
  avatarRoute(site, hosts, async () => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return new Response("x", { headers: { "content-type": "image/png" } });
  });
  const ask = (remoteAddress = "198.51.100.9") =>
    site.inject({
      ...{ url: "/avatar", query: { address: "https://thirdqq.qlogo.cn/g" } },
      remoteAddress,
    });
  try {
    const held = Array.from({ length: 5 }, () => ask("198.51.100.1"));
    await expect.poll(() => waiting.length).toBe(5);
    expect((await ask("198.51.100.1")).statusCode).toBe(503);
    held.push(...Array.from({ length: 15 }, (_, i) => ask(`198.51.100.${2 + (i % 3)}`)));
    await expect.poll(() => waiting.length).toBe(20);
    const refused = await ask();
    expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([503, "1"]);
    expect(refused.headers["cache-control"]).toBeUndefined();
    // What is not allowed anyway is refused meanwhile.
    const foreign = await site.inject({ url: "/avatar", query: { address: "https://evil.example/x" } });
    expect(foreign.statusCode).toBe(404);
    expect(waiting).toHaveLength(20);
    for (const go of waiting.splice(0)) go();
    for (const { statusCode } of await Promise.all(held)) expect(statusCode).toBe(200);
    const later = ask();
    await expect.poll(() => waiting.length).toBe(1);
    waiting[0]!();
    expect((await later).statusCode).toBe(200);
  } finally {
    for (const go of waiting) go();
    await site.close();
  }
});

it("gives its place back after a picture that fails", async () => {
  const site = Fastify();
  avatarRoute(site, hosts, () => Promise.reject(new TypeError("fetch failed")));
  for (let round = 0; round < 25; round++) {
    const answer = await site.inject({ url: "/avatar", query: { address: "https://thirdqq.qlogo.cn/g" } });
    expect(answer.statusCode).toBe(404);
  }
  await site.close();
});

it.each(["https://www.example.com", "https://shop.example/account", "https://shop.example/account/"])(
  "a picture's address is below %s, and is none where nothing would be fetched",
  (siteUrl) => {
    const url = createPictureUrl(siteUrl, hosts);
    const picture = "https://thirdqq.qlogo.cn/g?k=1&s=100";
    const base = siteUrl.replace(/\/$/, "");
    expect(url(picture)).toBe(`${base}/avatar?address=${encodeURIComponent(picture)}`);
    for (const other of ["https://attacker.example/x.png", "http://thirdqq.qlogo.cn/g", "no address"]) {
      expect(url(other)).toBeNull();
    }
  },
);
