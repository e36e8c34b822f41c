import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Component, h } from "vue";
import { parse } from "vue/compiler-sfc";
import { answerWith, openPage, problem } from "../../test/support/page-under-test.ts";
import { translatedMark, translatePage } from "../../test/support/translator.ts";
import BindingsSection from "../account/BindingsSection.vue";
import EmailSection from "../account/EmailSection.vue";
import MobileSection from "../account/MobileSection.vue";
import PasswordSection from "../account/PasswordSection.vue";
import ProfileSection from "../account/ProfileSection.vue";
import { language, text } from "../language.ts";
import BindForm from "../sign-in/BindForm.vue";
import CreateForm from "../sign-in/CreateForm.vue";
import ForgotPasswordPage from "../sign-in/ForgotPasswordPage.vue";
import LogInPage from "../sign-in/LogInPage.vue";
import SignUpPage from "../sign-in/SignUpPage.vue";

const user = { id: 7, username: "python01", email: "", mobile: null, first_name: "", last_name: "" };
const profile = { nickname: null, avatar: null, email: null };
const first = { provider: "qq", bindToken: "t", profile, next: "/", endsAt: Number.MAX_SAFE_INTEGER };
const given = (component: Component, props: object): Component => ({ render: () => h(component, props) });

const email = { name: "email", wrong: ["nobody", "check.email"], right: "44@qq.com" } as const;
const code = { name: "email_code", wrong: ["12", "check.codeLength"], right: "ABC234" } as const;
const passwords = [
  { name: "password", wrong: ["short", "check.passwordLength"], right: "three quiet lanterns" },
  { name: "password2", wrong: ["other", "check.passwordsDiffer"], right: "three quiet lanterns" },
] as const;
const username = { name: "username", wrong: ["ab", "check.usernameLength"], right: "python02" } as const;

interface Field {
  readonly name: string;
  /** What is wrong in another way than being empty. */
  readonly wrong?: readonly [value: string, key: string];
  readonly right: string;
}

interface Form {
  readonly name: string;
  readonly component: Component;
  readonly fields: readonly Field[];
  /** Where the form is handed in. */
  readonly endpoint: string;
}

const forms: readonly Form[] = [
  {
    name: "sign-up",
    component: SignUpPage,
    fields: [username, email, code, ...passwords],
    endpoint: "POST /users/",
  },
  {
    name: "log-in",
    component: LogInPage,
    fields: [
      { name: "username", right: "python01" },
      { name: "password", right: "three quiet lanterns" },
    ],
    endpoint: "POST /users/authorizations/",
  },
  {
    name: "reset",
    component: ForgotPasswordPage,
    fields: [email, code, ...passwords],
    endpoint: "POST /users/password/",
  },
  {
    name: "bind",
    component: given(BindForm, { provider: "qq", first }),
    fields: [email, code, { name: "password", right: "short" }],
    endpoint: "POST /oauth/qq/user/",
  },
  {
    name: "create",
    component: given(CreateForm, { provider: "qq", first }),
    fields: [username],
    endpoint: "POST /oauth/qq/account/",
  },
  {
    name: "new address",
    component: given(EmailSection, { user }),
    fields: [email, code],
    endpoint: "PUT /user/email/",
  },
  {
    name: "new password",
    component: given(PasswordSection, { user }),
    fields: passwords,
    endpoint: "PUT /user/password/",
  },
  {
    name: "mobile",
    component: given(MobileSection, { user }),
    fields: [{ name: "mobile", wrong: ["123", "check.mobile"], right: "13800138000" }],
    endpoint: "PATCH /user/",
  },
  {
    name: "profile",
    component: given(ProfileSection, { user }),
    fields: [{ name: "last_name", right: "Li" }],
    endpoint: "PATCH /user/",
  },
];

let page: VueWrapper | undefined;
let refusal = "First refusal.";

beforeEach(() => {
  const none = () => Response.json({ count: 0 });
  const refuse = () => problem(400, "wrong_credentials", refusal);
  answerWith({
    ...Object.fromEntries(forms.map(({ endpoint }) => [endpoint, refuse])),
    "GET /users/usernames/python02/count/": none,
    "GET /users/emails/44%40qq.com/count/": none,
    "GET /verifications/email_codes/44%40qq.com/": () =>
      Response.json({ message: "OK" }, { headers: { "retry-after": "60" } }),
    "GET /user/bindings/": () => Response.json({ bindings: [] }),
  });
  refusal = "First refusal.";
});
afterEach(() => {
  page?.unmount();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function open(component: Component): Promise<VueWrapper> {
  page = (await openPage(component, "/")).page;
  return page;
}

/** The words at a field, as they are in the document. */
function troubleAt(shown: VueWrapper, name: string): string {
  const ids = shown.get(`input[name=${name}]`).attributes("aria-describedby") ?? "";
  return document.getElementById(ids.split(" ")[0] ?? "")?.textContent ?? "";
}

async function enter(shown: VueWrapper, name: string, value: string): Promise<void> {
  const input = shown.get(`input[name=${name}]`);
  await input.setValue(value);
  await input.trigger("blur");
}

async function handIn(shown: VueWrapper): Promise<void> {
  await shown.get("form").trigger("submit");
  await flushPromises();
}

describe.each(forms)("a translated page: $name", ({ component, fields }) => {
  it("shows the new error of a field in the place of the old one, and none once it is mended", async () => {
    const shown = await open(component);
    await handIn(shown);
    for (const { name, wrong, right } of fields) {
      // Any name will do in a profile, and none; a number can be taken off.
      const mayBeEmpty = ["last_name", "mobile"].includes(name);
      expect(troubleAt(shown, name), name).toContain(mayBeEmpty ? "" : text("check.required"));
      translatePage();
      if (wrong) {
        await enter(shown, name, wrong[0]);
        expect(troubleAt(shown, name), name).toBe(text(wrong[1]));
        translatePage();
      }
      await enter(shown, name, right);
      expect(troubleAt(shown, name), name).toBe("");
    }
  });

  it("shows the server's next refusal in the place of the last one", async () => {
    const shown = await open(component);
    for (const { name, right } of fields) await enter(shown, name, right);
    const box = shown.find("input[name=allow]");
    if (box.exists()) await box.setValue(true);
    for (const words of ["First refusal.", "Second refusal."]) {
      refusal = words;
      await handIn(shown);
      expect(document.querySelector("[role=alert]")?.textContent).toBe(words);
      translatePage();
    }
  });

  it("speaks the other language throughout when that is chosen", async () => {
    const shown = await open(component);
    await handIn(shown);
    translatePage();
    expect(document.body.textContent).toContain(translatedMark);
    language.value = "zh-Hans";
    await flushPromises();
    const left = document.body.textContent?.match(/⟦[^⟧]*⟧/g) ?? [];
    // The server's words stay as they came.
    expect(left.filter((words) => words !== `${translatedMark}${refusal}⟧`)).toEqual([]);
  });
});

it("a translated countdown goes on, and what was sent is reported of its address only", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
  const shown = await open(ForgotPasswordPage);
  await enter(shown, "email", email.right);
  const button = shown.findAll("button.field-button").find((one) => one.text() === text("code.send"));
  await button?.trigger("click");
  await flushPromises();
  expect(button?.text()).toBe(text("code.wait", { seconds: 60 }));
  const status = () => document.querySelector(".field-note[role=status]")?.textContent;
  expect(status()).toBe(text("code.sent", { email: email.right }));
  translatePage();
  vi.advanceTimersByTime(2_000);
  await flushPromises();
  expect(button?.text()).toBe(text("code.wait", { seconds: 58 }));
  translatePage();
  await enter(shown, "email", "45@qq.com");
  expect(button?.text()).toBe(text("code.send"));
  expect(status()).toBe("");
});

it("a translated list of bindings asks before it removes, and takes the question back", async () => {
  const bound = { provider: "qq", nickname: "小美", avatar: null };
  answerWith({ "GET /user/bindings/": () => Response.json({ bindings: [bound] }) });
  const shown = await open(BindingsSection);
  translatePage();
  const row = () => shown.get('[data-binding="qq"]');
  await row().get("button").trigger("click");
  translatePage();
  await row().get("button.quiet").trigger("click");
  expect(row().get("button").text()).toBe(text("account.unbind"));
  expect(row().findAll("button")).toHaveLength(1);
});

interface Piece {
  readonly type: number;
  readonly tagType?: number;
  readonly loc: { readonly source: string; readonly start: { readonly line: number } };
  readonly content?: { readonly content?: string };
  readonly children?: readonly Piece[];
}
// Of @vue/compiler-core, which are declared as enums that erasable types can't use.
const kinds = { element: 1, text: 2, comment: 3, interpolation: 5, plainElement: 0 };

/** Interpolations that are not all there is in an element of HTML: Vue writes those into the text node itself. */
function fragileTexts(template: Piece): string[] {
  return (template.children ?? []).flatMap((child) => {
    if (child.type !== kinds.interpolation) return fragileTexts(child);
    const isText = ({ type }: Piece) => type === kinds.text || type === kinds.interpolation;
    const alone = template.type === kinds.element && template.tagType === kinds.plainElement;
    const constant = /^(["'])[^"']*\1$/.test(child.loc.source.replace(/^\{\{\s*|\s*\}\}$/g, ""));
    const holds = constant || (alone && (template.children ?? []).every(isText));
    return holds ? [] : [`line ${child.loc.start.line}: ${child.loc.source}`];
  });
}

it("every text that changes stands alone in an element of its own", () => {
  const folder = dirname(dirname(fileURLToPath(import.meta.url)));
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".vue"));
  const found = files.flatMap((file) => {
    const { template } = parse(readFileSync(join(folder, file), "utf8")).descriptor;
    const texts = template?.ast ? fragileTexts(template.ast as unknown as Piece) : [];
    return texts.map((where) => `${file}, ${where}`);
  });
  expect(files.length).toBeGreaterThan(20);
  expect(found).toEqual([]);
});
