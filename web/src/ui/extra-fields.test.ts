import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, expect, it, vi } from "vitest";
import { answerWith, openPage } from "../../test/support/page-under-test.ts";
import HomePage from "../account/HomePage.vue";
import { language } from "../language.ts";
import { startSession } from "../session.ts";
import SignUpPage from "../sign-in/SignUpPage.vue";
import type { ExtraField } from "../site-config.ts";
import { extraBody, extraValues } from "./extra-fields.ts";

const label = (en: string) => ({ zh: "某项", en });
const fields: readonly ExtraField[] = [
  { name: "company", type: "text", required: true, label: label("Company"), hint: label("Where you work") },
  { name: "employees", type: "integer", required: false, label: label("Employees") },
  {
    name: "size",
    type: "choice",
    required: true,
    label: label("Size"),
    choices: [{ value: "L", label: label("Large") }],
  },
  { name: "founded", type: "date", required: false, label: label("Founded") },
  { name: "listed", type: "boolean", required: false, label: label("Listed") },
];
let page: VueWrapper | undefined;
afterEach(() => {
  page?.unmount();
  vi.unstubAllGlobals();
});

it("are shown in the sign-up form as their types ask, with their labels", async () => {
  answerWith({}, { fields });
  page = (await openPage(SignUpPage, "/register")).page;
  const typeOf = (name: string) => page!.get(`[name="fields.${name}"]`).attributes("type");
  expect(["company", "founded", "listed"].map(typeOf)).toEqual(["text", "date", "checkbox"]);
  expect(page.get('select[name="fields.size"]').text()).toContain("Large");
  expect(page.text()).toContain("Where you work");
  expect(page.text()).toContain("Employees (");
});

it.each([
  ["zh-Hans", "公司", "最大"],
  ["zh-Hant", "公司行號", "最大"],
  ["ja", "会社", "Largest"],
  ["fr", "Company", "Largest"],
])("are labelled in the reader's language, or the closest (%s)", async (tag, field, choice) => {
  const labels = { zh: "公司", en: "Company", ja: "会社", "zh-Hant": "公司行號" };
  const largest = { zh: "最大", en: "Largest" };
  const choices = [{ value: "L", label: largest }];
  answerWith({}, { fields: [{ name: "size", type: "choice", required: true, label: labels, choices }] });
  page = (await openPage(SignUpPage, "/register")).page;
  language.value = tag;
  await flushPromises();
  expect(page.get('label[for="fields.size"]').text()).toBe(field);
  expect(page.get('option[value="L"]').text()).toBe(choice);
});

it("that are required stop the form, and are sent with it", async () => {
  const api = answerWith(
    {
      "GET /users/usernames/guest_01/count/": () => Response.json({ username: "guest_01", count: 0 }),
      "GET /users/emails/guest%40example.com/count/": () => Response.json({ email: "", count: 0 }),
      "POST /users/": () =>
        Response.json(
          { id: 7, username: "guest_01", email: "", token: "t.o.k", user_id: 7 },
          { status: 201 },
        ),
    },
    { fields },
  );
  page = (await openPage(SignUpPage, "/register")).page;
  const set = (name: string, value: unknown) => page!.get(`[name="${name}"]`).setValue(value);
  await set("username", "guest_01");
  await set("email", "guest@example.com");
  await set("email_code", "ABCDEF");
  await set("password", "three quiet lanterns");
  await set("password2", "three quiet lanterns");
  await set("allow", true);
  await page.get("form").trigger("submit");
  await flushPromises();
  expect(api.calls()).not.toContain("POST /users/");
  await set("fields.company", "Meiduo");
  await set("fields.size", "L");
  await set("fields.listed", true);
  await page.get("form").trigger("submit");
  await flushPromises();
  expect(api.asked.find(({ what }) => what === "POST /users/")?.body).toMatchObject({
    fields: { company: "Meiduo", employees: null, size: "L", founded: null, listed: true },
  });
});

it("are nothing where the site declares none", () => {
  answerWith({});
  expect([extraValues({ company: "x" }), extraBody({})]).toEqual([{}, {}]);
});

it("asks for the terms that are due, and for nothing once they are agreed to", async () => {
  const user = {
    ...{
      id: 7,
      username: "guest_01",
      mobile: null,
      email: null,
      email_active: false,
      mobile_verified: false,
      first_name: "",
      last_name: "",
    },
    ...{ is_staff: false, is_superuser: false, terms_due: [{ document: "terms", version: "2026-11" }] },
  };
  const api = answerWith({
    "GET /user/": () => Response.json(user),
    "POST /user/consents/": () => Response.json({ message: "OK" }),
  });
  startSession({ token: "t.o.k", username: "guest_01", userId: 7 }, false);
  page = (await openPage(HomePage, "/")).page;
  expect(page.text()).toContain("The terms have changed");
  await page
    .findAll("button")
    .find((one) => one.text() === "I have read and agree")!
    .trigger("click");
  await flushPromises();
  expect(api.asked.at(-1)).toEqual({
    what: "POST /user/consents/",
    body: { document: "terms", version: "2026-11" },
  });
  expect(page.text()).not.toContain("The terms have changed");
});
