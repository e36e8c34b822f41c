import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { hasNginx, type Nginx, startNginx } from "../support/nginx.ts";
import { describeWhere } from "../support/not-tested.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** deploy/nginx/beside-django.conf: our paths come here, and the shop's go to Django. */
const file = readFileSync(resolve(import.meta.dirname, "../../../deploy/nginx/beside-django.conf"), "utf8");
const patterns = [...file.matchAll(/^ {2}"~(.*)" accounts;$/gm)].map(([, pattern]) => new RegExp(pattern!));
const isOurs = (uri: string) => patterns.some((pattern) => pattern.test(uri));

const ours = [
  ...[
    "/users/",
    "/users",
    "/users/?x=1",
    "/users/authorizations/",
    "/authorizations/",
    "/user/",
    "/user/email/",
  ],
  ...[
    "/users/usernames/a%2Fb/count/",
    "/usernames/zhang/count/",
    "/email_codes/44@qq.com/?send_type=register",
  ],
  ...["/oauth/qq/authorization/?next=%2F", "/user/sessions/current/", "/token/refresh/", "/api/token/"],
  ...["/admin/users/", "/admin/users/7/", "/admin/users/7/groups/", "/admin/groups/", "/token/introspect/"],
];
/** Of the tutorial's shop and of Django's own admin. */
const theirs = [
  ...[
    "/",
    "/orders/settlement/",
    "/users/7/addresses/",
    "/users/7/email/",
    "/addresses/",
    "/carts/",
    "/skus/5/",
  ],
  ...[
    "/admin/",
    "/admin/users/user/",
    "/admin/users/user/7/change/",
    "/admin/auth/group/",
    "/admin/users/x/",
  ],
  ...["/userx/", "/xuser/", "/usernames/a/b/count/", "/mobiles/13800138000/count/", "/image_codes/1/"],
  ...["//users/", "/users/..%2forders/", "/healthz", "/docs/", "/static/x.js"],
];

describe("the table of paths", () => {
  it.each(ours)("%s is ours", (path) => expect(isOurs(path)).toBe(true));
  it.each(theirs)("%s is the shop's", (path) => expect(isOurs(path)).toBe(false));

  describe("asked of the server itself", () => {
    let test: TestApp;
    beforeAll(async () => {
      test = await startTestApp();
    });
    afterAll(() => test.close());

    it("knows every path that the server answers, and none that it does not", async () => {
      for (const path of ours) {
        const answer = await test.anonymous({ url: path });
        expect([path, answer.json().detail === "未找到。"]).toEqual([path, false]);
      }
      // What stands below /admin/users/ asks who calls before it looks at the id.
      for (const path of theirs.filter((one) => !/^\/(healthz|docs|admin\/users)/.test(one))) {
        expect([path, (await test.anonymous({ url: path })).statusCode]).toEqual([path, 404]);
      }
    });
  });
});

describeWhere(hasNginx)("nginx by that file", () => {
  const servers: Server[] = [];
  let nginx: Nginx;
  let url: string;
  beforeAll(async () => {
    const [accounts, django] = [await saying("accounts"), await saying("django")];
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const blocks = file
      .replace("server 127.0.0.1:8000", `server 127.0.0.1:${accounts}`)
      .replace("server 127.0.0.1:8001", `server 127.0.0.1:${django}`)
      .replace("listen 443 ssl http2;", `listen 127.0.0.1:${port};`)
      .replaceAll(/^ {2}ssl_.*\n/gm, "");
    nginx = await startNginx(blocks, url);
  });
  afterAll(async () => {
    await nginx?.stop();
    for (const server of servers) server.close();
  });

  async function saying(who: string): Promise<number> {
    const server = createServer((request, response) => response.end(`${who} ${request.url}`));
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return (server.address() as AddressInfo).port;
  }

  it("sends each there, with its address as it came", async () => {
    for (const path of [...ours, ...theirs]) {
      const to = ours.includes(path) ? "accounts" : "django";
      expect(await (await fetch(`${url}${path}`)).text()).toBe(`${to} ${path}`);
    }
  });
});
