import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Classic, startClassic } from "../support/classic.ts";

/** Rows 15 and 16 of the classic contract: the empty browsing history, areas, delivery addresses. */
let site: Classic;
beforeAll(async () => {
  site = await startClassic();
});
afterAll(() => site.test.close());

const fields = {
  ...{ title: "家", receiver: "张三", province_id: 110000, city_id: 110100, district_id: 110101 },
  ...{ place: "长安街 1 号", mobile: "13800138000" },
};

it("row 15: the browsing history is empty, and the owner's", async () => {
  const { token } = await site.person();
  for (const url of ["/browse_histories/", "/browse_histories"]) {
    const answer = await site.get(url, token);
    expect([answer.statusCode, answer.json()]).toEqual([200, []]);
  }
  expect((await site.get("/browse_histories/")).statusCode).toBe(401);
});

describe("row 16, areas", () => {
  it("lists provinces, then what is in one, by the numbers of GB/T 2260", async () => {
    const { token } = await site.person();
    for (const url of ["/areas/", "/areas"]) {
      const provinces = (await site.get(url, token)).json();
      expect(provinces).toHaveLength(34);
      expect(provinces[0]).toEqual({ id: 110000, name: "北京市" });
    }
    const province = await site.get("/areas/130000", token);
    expect(province.json()).toMatchObject({ id: 130000, name: "河北省", subs: expect.any(Array) });
    expect(province.json().subs[0]).toEqual({ id: 130100, name: "石家庄市" });
    expect((await site.get("/areas/130100/", token)).json().subs[0]).toEqual({ id: 130102, name: "长安区" });
    expect((await site.get("/areas/130102/", token)).json().subs).toEqual([]);
    for (const id of ["999999", "1", "x", "0"]) {
      const answer = await site.get(`/areas/${id}/`, token);
      expect([id, answer.statusCode, typeof answer.json().message]).toEqual([id, 404, "string"]);
    }
  });
});

describe.each(["/addresses/", "/users/addresses/", "/addresses"])("row 16, %s", (listed) => {
  const base = listed.endsWith("/") ? listed : `${listed}/`;
  const last = listed.endsWith("/") ? "/" : "";

  it("adds, lists newest change first, changes, titles, makes the default, deletes", async () => {
    const { id: user_id, token } = await site.person();
    const empty = await site.get(listed, token);
    expect([empty.statusCode, empty.json()]).toEqual([
      200,
      { user_id, default_address_id: null, limit: 20, addresses: [] },
    ]);
    const first = await site.send("POST", listed, fields, token);
    expect(first.statusCode, first.body).toBe(201);
    const { id } = first.json();
    const named = { province: "北京市", city: "北京市", district: "东城区", tel: "", email: "" };
    expect(first.json()).toEqual({ id, ...fields, ...named });
    site.test.clock.advance(1);
    const second = await site.send(
      "POST",
      listed,
      { ...fields, tel: "010-62345678", email: "a@qq.com" },
      token,
    );
    expect(second.json()).toMatchObject({ tel: "010-62345678", email: "a@qq.com" });
    const ids = async () =>
      (await site.get(listed, token)).json().addresses.map((one: { id: number }) => one.id);
    expect(await ids()).toEqual([second.json().id, id]);
    site.test.clock.advance(1);
    const changed = await site.send(
      "PUT",
      `${base}${id}${last}`,
      { ...fields, place: "新街 2 号", tel: null, email: "" },
      token,
    );
    expect([changed.statusCode, changed.json()]).toMatchObject([200, { id, place: "新街 2 号", tel: "" }]);
    expect(await ids()).toEqual([id, second.json().id]);
    const titled = await site.send(
      "PUT",
      `${base}${second.json().id}/title${last}`,
      { title: "公司" },
      token,
    );
    expect([titled.statusCode, titled.json()]).toEqual([200, { title: "公司" }]);
    const status = await site.send("PUT", `${base}${id}/status${last}`, {}, token);
    expect([status.statusCode, status.json()]).toEqual([200, { message: "OK" }]);
    expect((await site.get(listed, token)).json().default_address_id).toBe(id);
    const gone = await site.send("DELETE", `${base}${id}${last}`, undefined, token);
    expect([gone.statusCode, gone.body]).toEqual([204, ""]);
    const after = (await site.get(listed, token)).json();
    expect([after.default_address_id, after.addresses.length]).toEqual([null, 1]);
    const again = await site.send("DELETE", `${base}${id}${last}`, undefined, token);
    expect([again.statusCode, typeof again.json().message]).toEqual([404, "string"]);
    for (const tail of [`${id}${last}`, `${id}/status${last}`, `${id}/title${last}`]) {
      const late = await site.send("PUT", base + tail, fields, token);
      expect([tail, late.statusCode]).toEqual([tail, 404]);
    }
  });
});

describe("addresses", () => {
  it("are their owner's alone", async () => {
    const [one, other] = [await site.person(), await site.person()];
    const { id } = (await site.send("POST", "/addresses/", fields, one.token)).json();
    for (const [method, tail] of [
      ["PUT", ""],
      ["PUT", "status/"],
      ["PUT", "title/"],
      ["DELETE", ""],
    ] as const) {
      const answer = await site.send(method, `/addresses/${id}/${tail}`, fields, other.token);
      expect([method, tail, answer.statusCode]).toEqual([method, tail, 404]);
    }
    expect((await site.get("/addresses/", other.token)).json().addresses).toEqual([]);
    expect((await site.get("/addresses/")).statusCode).toBe(401);
    expect((await site.send("POST", "/addresses/", fields)).statusCode).toBe(401);
  });

  it("are twenty at most: then 400 with a message", async () => {
    const { token } = await site.person();
    for (let i = 0; i < 20; i++)
      expect((await site.send("POST", "/addresses/", fields, token)).statusCode).toBe(201);
    const full = await site.send("POST", "/addresses/", fields, token);
    expect([full.statusCode, full.json()]).toEqual([400, { message: "收货地址已达上限（20 个）" }]);
  });

  it.each([
    ["receiver", { receiver: "" }],
    ["place", { place: undefined }],
    ["mobile", { mobile: "123" }],
    ["tel", { tel: "abc" }],
    ["email", { email: "no address" }],
    ["province_id", { province_id: 999999 }],
    ["district_id", { district_id: 130102 }],
    ["district_id", { district_id: 110100 }],
    ["city_id", { city_id: "x" }],
  ])("say what is wrong with %s", async (field, change) => {
    const { token } = await site.person();
    const answer = await site.send("POST", "/addresses/", { ...fields, ...change }, token);
    expect([answer.statusCode, Object.keys(answer.json())]).toEqual([400, [field, "message"]]);
  });

  it("go with the account, and deleted ones for good after thirty days", async () => {
    const { id: user_id, token } = await site.person();
    const { id } = (await site.send("POST", "/addresses/", fields, token)).json();
    await site.send("DELETE", `/addresses/${id}/`, undefined, token);
    const rows = () =>
      site.test.app.db.kysely
        .selectFrom("delivery_addresses")
        .select("id")
        .where("user_id", "=", user_id)
        .execute();
    await site.test.app.maintenance.run();
    expect(await rows()).toHaveLength(1);
    site.test.clock.advance(31 * 86_400);
    await site.test.app.maintenance.run();
    expect(await rows()).toEqual([]);
  });
});

describe("CLASSIC_ADDRESSES=false", () => {
  it("leaves areas, addresses and the history to the shop", async () => {
    const shop = await startClassic({ env: { CLASSIC_ADDRESSES: "false" } });
    try {
      const { token } = await shop.person();
      for (const url of ["/areas/", "/addresses/", "/users/addresses/", "/browse_histories/"])
        expect([url, (await shop.get(url, token)).statusCode]).toEqual([url, 404]);
    } finally {
      await shop.test.close();
    }
  });
});
