import { afterAll, beforeAll, expect, it } from "vitest";
import { createApp } from "../../src/app/app.ts";
import { openMailbox } from "../../src/cli/run/start.ts";
import { type Classic, password, startClassic } from "../support/classic.ts";

/** SMS of the classic pages where no vendor is configured: in the mailbox, as JSON by number, as docs/classic.md says. */
let site: Classic;
beforeAll(async () => {
  site = await startClassic({
    // With the sender of development, and what `start` adds there.
    async create(context, { smsSender: _, ...overrides }) {
      const app = await createApp(context, overrides);
      await openMailbox(context.config, app);
      return app;
    },
  });
});
afterAll(() => site.test.close());

async function messages(to: string, headers: Record<string, string> = {}) {
  await site.test.runJobs();
  return site.test.anonymous({ url: `/sandbox/mailbox/messages/?to=${to}`, headers });
}

it("lists what went to the number, newest first, with the code; sign-up and find-password work by it", async () => {
  const mobile = site.number();
  expect((await messages(mobile)).json()).toEqual([]);
  expect((await site.get(`/sms_codes/${mobile}/?${await site.picture()}`)).statusCode).toBe(200);
  const [first, ...none] = (await messages(mobile)).json();
  expect([first, none]).toEqual([
    {
      ...{ id: expect.any(Number), to: mobile, channel: "sms", subject: "", html: "" },
      ...{ text: expect.stringContaining(first.code), code: expect.stringMatching(/^\d{6}$/) },
      created_at: new Date(site.test.clock.now()).toISOString(),
    },
    [],
  ]);
  const username = "bymailbox1";
  const form = { username, password, password2: password, mobile, sms_code: first.code, allow: "true" };
  const made = await site.send("POST", "/users/", form);
  expect(made.statusCode, made.body).toBe(201);

  const found = await site.get(`/accounts/${username}/sms/token/?${await site.picture()}`);
  site.test.clock.advance(61);
  await site.get(`/sms_codes/?access_token=${found.json().access_token}`);
  const all = (await messages(mobile)).json();
  expect(all).toHaveLength(2);
  expect([all[1].id, all[0].id > first.id]).toEqual([first.id, true]);
  const shown = await site.get(`/accounts/${username}/password/token/?sms_code=${all[0].code}`);
  expect([shown.statusCode, shown.json().user_id]).toEqual([200, made.json().id]);
});

it("lists nothing of another number, and nothing to another machine", async () => {
  const mobile = site.number();
  await site.get(`/sms_codes/${mobile}/?${await site.picture()}`);
  expect((await messages(site.number())).json()).toEqual([]);
  expect((await messages(mobile.slice(0, -1))).json()).toEqual([]);
  const brought = await messages(mobile, { "x-forwarded-for": "203.0.113.8" });
  expect(brought.statusCode).toBe(403);
  expect(brought.body).not.toContain(mobile);
});
