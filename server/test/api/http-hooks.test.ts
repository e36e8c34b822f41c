import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createHttpHooks } from "../../src/hooks/http-hooks.ts";
import { readWebhookSecret, signedHeaders } from "../../src/kernel/webhook-signature.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A service of the site's own that is asked by HTTP, and attacks or fails in every way. */
const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}
let asked: Asked[] = [];
type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;
let behave: Behaviour;
let service: Server;
let url: string;
let test: TestApp;

const json: (value: unknown) => Behaviour = (value) => (_, response) =>
  void response.setHeader("content-type", "application/json").end(JSON.stringify(value));

beforeAll(async () => {
  service = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => {
      body += piece;
    });
    request.on("end", () => {
      asked.push({ path: request.url!, headers: request.headers, body });
      behave(request, response);
    });
  });
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  test = await startTestApp({ env: hooksTo(url) });
});
afterAll(async () => {
  await test.close();
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
});
afterEach(() => {
  asked = [];
  behave = json({ allow: true });
  test.clock.advance(60);
});

const hooksTo = (base: string, more = {}) => ({
  HOOK_BEFORE_SIGN_UP_URL: `${base}/sign-up`,
  HOOK_BEFORE_SESSION_URL: `${base}/session`,
  HOOK_SECRET: secret,
  HOOK_PRIVATE_HOSTS: "127.0.0.1",
  HOOK_TIMEOUT_MS: "500",
  ...more,
});

async function signUp(app: TestApp, username: string) {
  const email = `${username}@example.com`;
  const email_code = await app.codeFor(email);
  const answer = await app.anonymous({
    method: "POST",
    url: "/users/",
    payload: { username, email, email_code, password, password2: password, allow: "true" },
  });
  return { answer, email_code };
}

describe("a hook by HTTP", () => {
  it("is asked by signed JSON that has no password, code, token or address of a network", async () => {
    behave = json({ allow: true });
    const { answer, email_code } = await signUp(test, "python01");
    expect(answer.statusCode, answer.body).toBe(201);
    expect(asked.map(({ path }) => path)).toEqual(["/sign-up", "/session"]);
    for (const { headers, body } of asked) {
      const id = String(headers["webhook-id"]);
      const seconds = Number(headers["webhook-timestamp"]);
      const right = signedHeaders(readWebhookSecret(secret)!, { id, seconds, body });
      expect(headers["webhook-signature"]).toBe(right["webhook-signature"]);
      expect(seconds).toBe(Math.floor(test.clock.now() / 1000));
      for (const hidden of [password, email_code, answer.json().token, "127.0.0.1", secret]) {
        expect(body).not.toContain(hidden);
      }
      expect(JSON.stringify(headers)).not.toContain(secret.slice(6));
    }
    const [first, second] = asked.map(({ body }) => JSON.parse(body));
    expect(first).toMatchObject({ type: "before_sign_up", data: { username: "python01", way: "sign_up" } });
    expect(second).toMatchObject({ type: "before_session", data: { user_id: answer.json().id } });
    expect(asked[0]!.headers["webhook-id"]).not.toBe(asked[1]!.headers["webhook-id"]);
  });

  it("refuses with its sentence, as text", async () => {
    behave = json({ allow: false, message: { zh: "<b>暂不开放</b>", en: "Not yet {x}" } });
    const { answer } = await signUp(test, "python02");
    expect(answer.json().message).toBe("<b>暂不开放</b>");
  });
});

it("its receiver reads the account with a service credential, while the log-in waits for it", async () => {
  const person = await makePerson(test, "python05", { email: "python05@example.com" });
  const operator = { id: null, name: "test", requestId: null };
  const input = { name: "hooks", scopes: ["users.view_user"], networks: ["127.0.0.0/8"], lifeSeconds: null };
  const { secret: credential } = await test.app.services.add(operator, input);
  const read: unknown[] = [];
  behave = async (request, response) => {
    const { user_id } = JSON.parse(asked.at(-1)!.body).data;
    const headers = { authorization: `Bearer ${credential}` };
    const account = await test.anonymous({ url: `/admin/users/${user_id}/`, headers });
    read.push(account.json());
    json({ allow: account.json().email === "python05@example.com" })(request, response);
  };
  const payload = { username: "python05", password };
  const answer = await test.anonymous({ method: "POST", url: "/users/authorizations/", payload });
  expect(answer.statusCode, answer.body).toBe(200);
  expect(read).toMatchObject([{ id: person.id, username: "python05", groups: [] }]);
});

const failures: readonly [string, Behaviour][] = [
  ["never answers", () => {}],
  [
    "answers a byte at a time",
    (_, response) => {
      response.setHeader("content-type", "application/json");
      const timer = setInterval(() => response.write(" "), 50);
      response.on("close", () => clearInterval(timer));
    },
  ],
  [
    "answers without end",
    (_, response) => {
      response.setHeader("content-type", "application/json");
      const piece = " ".repeat(64 * 1024);
      const more = () => {
        while (!response.destroyed && response.write(piece));
      };
      response.on("drain", more);
      more();
    },
  ],
  ["answers a list", json([])],
  ["answers without a word of yes or no", json({ ok: true })],
  [
    "calls its JSON something else",
    (_, response) => void response.setHeader("content-type", "text/html").end('{"allow":true}'),
  ],
  [
    "calls something else JSON",
    (_, response) => void response.setHeader("content-type", "application/json").end("<html>"),
  ],
  ["says nothing of its kind", (_, response) => void response.end('{"allow":true}')],
  [
    "fails",
    (_, response) =>
      void response.writeHead(500, { "content-type": "application/json" }).end('{"allow":true}'),
  ],
  [
    "answers 201",
    (_, response) =>
      void response.writeHead(201, { "content-type": "application/json" }).end('{"allow":true}'),
  ],
  [
    "sends elsewhere",
    (request, response) => {
      if (request.url === "/other") json({ allow: true })(request, response);
      else response.writeHead(307, { location: "/other" }).end();
    },
  ],
  ["hangs up", (request) => void request.socket.destroy()],
];

describe("a hook by HTTP that", () => {
  it.each(failures)(
    "%s refuses by 503 where its rule is closed, and makes no account",
    async (what, behaviour) => {
      behave = behaviour;
      const name = `closed_${failures.findIndex(([one]) => one === what)}`;
      const { answer } = await signUp(test, name);
      expect([answer.statusCode, answer.headers["retry-after"]]).toEqual([503, "5"]);
      expect(await test.app.users.byLoginName(name)).toBeNull();
      expect(asked.map(({ path }) => path)).toEqual(["/sign-up"]);
    },
  );

  it("fails lets pass where its rule is open", async () => {
    const open = await startTestApp({ env: hooksTo(url, { HOOK_FAIL_OPEN: "beforeSignUp,beforeSession" }) });
    try {
      for (const [i, [, behaviour]] of failures.entries()) {
        behave = behaviour;
        expect((await signUp(open, `opened_${i}`)).answer.statusCode).toBe(201);
      }
    } finally {
      await open.close();
    }
  });

  it("is down keeps nobody's right password from counting as right", async () => {
    behave = (request) => void request.socket.destroy();
    await makePerson(test, "member01", {}).catch(() => undefined);
    const logIn = () =>
      test.anonymous({
        method: "POST",
        url: "/users/authorizations/",
        payload: { username: "member01", password },
      });
    for (let tries = 0; tries < 30; tries++) expect((await logIn()).statusCode).toBe(503);
    behave = json({ allow: true });
    expect((await logIn()).statusCode).toBe(200);
  });
});

describe("private addresses", () => {
  it.each([
    ...["http://127.0.0.1", "http://localhost", "http://[::1]", "http://[::ffff:127.0.0.1]", "http://0x7f.1"],
    ...["http://2130706433", "http://0", "http://169.254.169.254", "http://10.0.0.1", "http://[fd00::1]"],
  ])("%s is not connected to unless it is named", async (host) => {
    const { port } = service.address() as AddressInfo;
    const { hooks, close } = createHttpHooks(
      {
        hookUrls: { claims: `${host}:${port}/claims` },
        ...{ hookSecret: readWebhookSecret(secret), hookPrivateHosts: [], hookTimeoutMillis: 1000 },
        outgoingProxy: { http: "", https: "", except: "" },
      },
      fakeClock(),
    );
    const event = { user_id: 1, username: "a", email: null, is_staff: false, is_superuser: false };
    const answer = Promise.resolve(
      hooks.claims!({ ...event, way: "password", provider: null }, new AbortController().signal),
    );
    await expect(answer).rejects.toThrow(/is no public address/);
    expect(asked).toEqual([]);
    await close();
  });
});
