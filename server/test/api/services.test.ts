import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isServiceSecret } from "../../src/services/service-secret.ts";
import type { Services } from "../../src/services/services.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Credentials of other services: what lets them in, what keeps them out, and what they never may. */
type Input = Parameters<Services["add"]>[1];
const lines: string[] = [];
let test: TestApp;
let person: Person;
let staff: Person;
const operator = { id: null, name: "op (manage)", requestId: null };
let count = 0;

beforeAll(async () => {
  test = await startTestApp({
    env: { SERVICE_FAILURE_LIMIT: "5", TRUST_PROXY: "1", AUTHENTICATORS: "jwt,basic" },
    logTo: { write: (line) => void lines.push(line) },
  });
  person = await makePerson(test, "python01", { email: "44@qq.com" });
  staff = await makePerson(test, "staffuser", { is_staff: 1 });
});
afterAll(() => test.close());

const make = (more: Partial<Input> = {}) =>
  test.app.services.add(operator, {
    ...{ name: `shop-${++count}`, scopes: ["users.view_user"], networks: [], lifeSeconds: null },
    ...more,
  });

/** Each caller from an address of its own, so that nobody's wrong ones count against another. */
let hosts = 0;
const call = (authorization: string, url = `/admin/users/${person.id}/`, from?: string) =>
  test.anonymous({
    url,
    headers: { authorization, "x-forwarded-for": from ?? `198.51.100.${(hosts++ % 250) + 1}` },
  });
const basic = (name: string, secret: string) =>
  `Basic ${Buffer.from(`${encodeURIComponent(name)}:${encodeURIComponent(secret)}`).toString("base64")}`;

describe("a secret", () => {
  it("has a form and a sum by which anybody can tell it, and is different each time", async () => {
    const [one, other] = [(await make()).secret, (await make()).secret];
    expect(one).toMatch(/^meiduo_svc_[0-9A-Za-z]{46}$/);
    expect(one).not.toBe(other);
    expect(isServiceSecret(one)).toBe(true);
    for (const wrong of [
      `${one}0`,
      one.slice(0, -1),
      one.replace(/.$/, (end) => (end === "a" ? "b" : "a")),
    ]) {
      expect(isServiceSecret(wrong)).toBe(false);
    }
    const swapped = one.slice(0, 11) + one[12] + one[11] + one.slice(13);
    expect(isServiceSecret(swapped)).toBe(one[11] === one[12]);
  });

  it("is nowhere in the database, the audit log and the log", async () => {
    const { secret } = await make({ name: "secretive" });
    await call(`Bearer ${secret}`);
    await call(`Bearer ${secret.slice(0, -1)}`);
    const random = secret.slice(11, 30);
    const { kysely } = test.app.db;
    const rows = [
      await kysely.selectFrom("services").selectAll().execute(),
      await kysely.selectFrom("service_secrets").selectAll().execute(),
      await kysely.selectFrom("audit_entries").selectAll().execute(),
    ];
    expect(JSON.stringify(rows)).not.toContain(random);
    expect(JSON.stringify(rows)).toContain("secretive");
    expect(lines.join("")).not.toContain(random);
    expect(lines.join("")).toContain("a service's credential was refused");
  });
});

describe("a service reads what its scopes allow", () => {
  it("by Bearer or JWT, in any case, and by Basic as OAuth's clients write it", async () => {
    const { service, secret } = await make();
    // The typed client writes JWT.
    const headers = [`Bearer ${secret}`, `bearer  ${secret}`, `JWT ${secret}`, basic(service.name, secret)];
    for (const header of headers) {
      const answer = await call(header);
      expect([answer.statusCode, answer.json().username]).toEqual([200, "python01"]);
    }
  });

  it("and nothing else: 403 without the scope", async () => {
    const { secret } = await make();
    expect((await call(`Bearer ${secret}`, "/admin/audit/")).statusCode).toBe(403);
    const { secret: auditor } = await make({ scopes: ["audit.view_auditentry"] });
    expect((await call(`Bearer ${auditor}`, "/admin/audit/")).statusCode).toBe(200);
  });

  it("is no person: no /user/, no sessions, no log-in", async () => {
    const { service, secret } = await make();
    const text = "服务凭据不能用于该接口。";
    for (const url of ["/user/", "/user/sessions/", "/user/permissions/", "/test/"]) {
      for (const header of [`Bearer ${secret}`, basic(service.name, secret)]) {
        const answer = await call(header, url);
        expect([answer.statusCode, answer.json()]).toEqual([403, { detail: text, message: text }]);
      }
    }
    const payload = { username: service.name, password: secret };
    const logIn = await test.anonymous({ method: "POST", url: "/users/authorizations/", payload });
    expect(logIn.statusCode).toBe(400);
  });

  it("is noted as used, every ten minutes at most", async () => {
    const { service, secret } = await make();
    const usedAt = async () =>
      (await test.app.services.list()).find(({ id }) => id === service.id)!.last_used_at;
    expect(await usedAt()).toBeNull();
    await call(`Bearer ${secret}`);
    const first = await usedAt();
    expect(first).toBe(test.clock.now());
    test.clock.advance(599);
    await call(`Bearer ${secret}`);
    expect(await usedAt()).toBe(first);
    test.clock.advance(1);
    await call(`Bearer ${secret}`);
    expect(await usedAt()).toBe(test.clock.now());
  });
});

describe("one answer for whatever is wrong", () => {
  const refused = async (authorization: string, from?: string) => {
    const answer = await call(authorization, undefined, from);
    expect(answer.headers["www-authenticate"]).toBe('Bearer realm="api", Basic realm="api"');
    return [answer.statusCode, answer.json()];
  };
  const wrong = [401, { detail: "服务凭据无效。", message: "服务凭据无效。", error: "invalid_client" }];

  it("an unknown one, one without its sum, under another's name, of an expired and a revoked service", async () => {
    const { service, secret } = await make();
    const { secret: other } = await make();
    const { secret: short } = await make({ lifeSeconds: 60 });
    const { service: gone, secret: revoked } = await make();
    await test.app.services.revoke(operator, gone.name);
    test.clock.advance(61);
    const made = `meiduo_svc_${"A".repeat(46)}`;
    for (const header of [
      ...[`Bearer ${made}`, "Bearer meiduo_svc_", `Bearer ${secret.slice(0, -1)}`, `Bearer ${short}`],
      ...[`Bearer ${revoked}`, basic(service.name, other), basic("", secret), basic("nobody", made)],
    ]) {
      expect(await refused(header), header.slice(0, 20)).toEqual(wrong);
    }
  });

  it("one from elsewhere than its networks", async () => {
    const { service, secret } = await make({ networks: ["192.0.2.7/24", "2001:db8::/32"] });
    expect(service.networks).toEqual(["192.0.2.0/24", "2001:db8::/32"]);
    for (const from of ["192.0.2.99", "2001:db8:1::5"]) {
      expect((await call(`Bearer ${secret}`, undefined, from)).statusCode).toBe(200);
    }
    for (const from of ["192.0.3.1", "2001:db9::5"]) {
      expect(await refused(`Bearer ${secret}`, from)).toEqual(wrong);
    }
  });

  it("many of one network are answered 429, and its right ones pass all the same", async () => {
    const { secret } = await make();
    const from = "203.0.113.9";
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++) {
      statuses.push((await call(`Bearer meiduo_svc_${i}`, undefined, from)).statusCode);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect((await call(`Bearer ${secret}`, undefined, from)).statusCode).toBe(200);
    expect((await call("Bearer meiduo_svc_x", undefined, "203.0.113.10")).statusCode).toBe(401);
  });

  it("a person's header is no service's, whatever its form", async () => {
    const answer = await call(`JWT ${staff.token}`, "/user/");
    expect(answer.json().username).toBe("staffuser");
    expect((await call("Bearer meiduo.svc.x")).json().detail).not.toBe("服务凭据无效。");
    expect((await call(basic("python01", "12345678aA"), "/user/")).statusCode).toBe(200);
  });
});

describe("a rotation", () => {
  it("leaves the old secret its time, and is refused while there are two", async () => {
    const { service, secret: first } = await make();
    const { secret: second } = await test.app.services.rotate(operator, service.name, 3600);
    const statuses = async (...secrets: string[]) =>
      Promise.all(secrets.map(async (one) => (await call(`Bearer ${one}`)).statusCode));
    expect(await statuses(first, second)).toEqual([200, 200]);
    await expect(test.app.services.rotate(operator, service.name, 60)).rejects.toMatchObject({
      code: "service_rotating",
    });
    test.clock.advance(3600);
    expect(await statuses(first, second)).toEqual([401, 200]);
    const { secret: third } = await test.app.services.rotate(operator, service.name, 3600);
    const { secret: fourth } = await test.app.services.rotate(operator, service.name, 0);
    expect(await statuses(second, third, fourth)).toEqual([401, 401, 200]);
  });

  it("and every act is in the audit log, without a secret", async () => {
    const { service } = await make({ name: "audited", scopes: ["users.view_user"] });
    await test.app.services.rotate(operator, service.name, 0);
    await test.app.services.revoke(operator, service.name);
    const { results } = (
      await test.as((await makePerson(test, "rootuser", { is_superuser: 1 })).token)({
        url: `/admin/audit/?kind=service&target=${service.id}`,
      })
    ).json();
    expect(results.map((one: { action: string }) => one.action)).toEqual([
      ...["service.revoke", "service.rotate", "service.create"],
    ]);
    expect(results[2]).toMatchObject({
      actor: { id: null, username: "op (manage)" },
      after: { scopes: ["users.view_user"] },
    });
  });
});

describe("is not made", () => {
  it.each<[Partial<Input>, string, string]>([
    [{ scopes: [] }, "scopes", "required"],
    [{ scopes: ["no.such"] }, "scopes", "unknown_permission"],
    [{ scopes: ["users.view_user", "auth.change_group"] }, "scopes", "scope_refused"],
    [{ scopes: ["auth.add_permission"] }, "scopes", "scope_refused"],
    [{ name: "Shop" }, "name", "not_a_service_name"],
    [{ name: "shop:1" }, "name", "not_a_service_name"],
    [{ networks: ["10.0.0.0/99"] }, "networks", "not_a_network"],
  ])("with %j", async (input, field, code) => {
    await expect(make(input)).rejects.toMatchObject({ fields: [{ field, code }] });
  });

  it("twice under one name", async () => {
    const { service } = await make();
    await expect(make({ name: service.name })).rejects.toMatchObject({
      fields: [{ code: "service_name_taken" }],
    });
  });
});

describe("a service that may change accounts", () => {
  let secret: string;
  beforeAll(async () => {
    secret = (await make({ name: "crm", scopes: ["users.view_user", "users.change_user"] })).secret;
  });
  const write = (method: "PATCH" | "PUT" | "POST", url: string, payload?: object) =>
    test.anonymous({
      ...{ method, url, ...(payload && { payload }) },
      headers: { authorization: `Bearer ${secret}` },
    });

  it("changes an ordinary one's name, and is the actor in the audit log", async () => {
    const answer = await write("PATCH", `/admin/users/${person.id}/`, { first_name: "三" });
    expect([answer.statusCode, answer.json().first_name]).toEqual([200, "三"]);
    const [entry] = await test.app.db.kysely
      .selectFrom("audit_entries")
      .select(["actor_id", "actor", "action"])
      .where("action", "=", "user.change")
      .execute();
    expect(entry).toEqual({ actor_id: null, actor: "service:crm", action: "user.change" });
  });

  it.each([
    ["an address", { email: "thief@example.com" }],
    ["a number", { mobile: "13800138000" }],
    ["a user name", { username: "python02" }],
    ["staff", { is_staff: true }],
    ["a superuser", { is_superuser: true }],
  ])("gives nobody %s", async (_, payload) => {
    expect((await write("PATCH", `/admin/users/${person.id}/`, payload)).statusCode).toBe(403);
  });

  it("touches no staff and no superuser, and sends no code", async () => {
    const root = await makePerson(test, "rootuser2", { is_superuser: 1 });
    for (const { id } of [staff, root]) {
      for (const payload of [{ first_name: "三" }, { is_active: false }]) {
        expect((await write("PATCH", `/admin/users/${id}/`, payload)).statusCode).toBe(403);
      }
      expect((await write("PUT", `/admin/users/${id}/groups/`, { groups: [] })).statusCode).toBe(403);
      expect((await write("POST", `/admin/users/${id}/end-tokens/`)).statusCode).toBe(403);
    }
    expect((await write("POST", `/admin/users/${person.id}/password-reset/`)).statusCode).toBe(403);
  });

  it("puts nobody into a group that may more than itself, and into others it does", async () => {
    const add = (name: string, permissions: string[]) =>
      test.app.db.transaction((transaction) => test.app.groups.add(transaction, { name, permissions }));
    const vip = await add("vip", []);
    const strong = await add("strong", ["audit.view_auditentry"]);
    const put = (group: { id: number }) =>
      write("PUT", `/admin/users/${person.id}/groups/`, { groups: [group.id] });
    expect((await put(strong)).statusCode).toBe(403);
    expect((await put(vip)).json().groups).toEqual([{ id: vip.id, name: "vip" }]);
  });
});
