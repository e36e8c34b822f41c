import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { h, ref } from "vue";
import { type ApiUnderTest, answerWith, openPage, problem } from "../../test/support/page-under-test.ts";
import { startSession } from "../session.ts";
import AvatarSection from "./AvatarSection.vue";

const own = "https://accounts.example/api/avatars/0123456789abcdefghijAB.jpg";
const plain = { id: 7, username: "python01", email: "44@qq.com", nickname: null as string | null };
let api: ApiUnderTest;
let page: VueWrapper | undefined;
let setAnswer: () => Response;

beforeEach(() => {
  setAnswer = () => Response.json({ ...plain, avatar_url: own });
  api = answerWith({
    "PUT /user/avatar/": () => setAnswer(),
    "PUT /user/avatar/provider/": () => setAnswer(),
    "DELETE /user/avatar/": () => Response.json({ ...plain, avatar_url: null }),
    "GET /user/bindings/": () =>
      Response.json({
        bindings: [
          {
            provider: "qq",
            nickname: "小美",
            avatar: "https://thirdqq.qlogo.cn/g",
            created_at: "2026-01-01",
          },
          { provider: "github", nickname: null, avatar: null, created_at: "2026-01-01" },
        ],
      }),
  });
  startSession({ token: "t1", username: "python01", userId: 7 }, false);
});
afterEach(() => {
  page?.unmount();
  vi.unstubAllGlobals();
});

async function open(more: object = {}): Promise<VueWrapper> {
  const user = ref({ ...plain, avatar_url: null, ...more });
  const onChanged = (changed: never) => {
    user.value = changed;
  };
  const render = () => h(AvatarSection, { user: user.value, onChanged } as never);
  ({ page } = await openPage({ render }, "/account"));
  await flushPromises();
  return page;
}

async function choose(shown: VueWrapper, file: File): Promise<void> {
  const input = shown.get("input[type=file]");
  Object.defineProperty(input.element, "files", { value: [file], configurable: true });
  await input.trigger("change");
  await flushPromises();
}
const picture = (size = 3) => new File([new Uint8Array(size)], "me.png", { type: "image/png" });

describe("the picture", () => {
  it("is the initial of what people are called where there is none", async () => {
    expect((await open()).get(".initial").text()).toBe("P");
    page?.unmount();
    expect((await open({ nickname: "三哥" })).get(".initial").text()).toBe("三");
    expect(page?.get(".initial").attributes("aria-hidden")).toBe("true");
    expect(page?.text()).toContain("No picture yet");
  });

  it.each([
    [
      "the owner's, from the API as this page reaches it",
      own,
      "http://api.test/avatars/0123456789abcdefghijAB.jpg",
    ],
    [
      "a third party's, from the site itself",
      "https://www.example.com/avatar?address=https%3A%2F%2Fthirdqq.qlogo.cn%2Fg",
      "/avatar?address=https%3A%2F%2Fthirdqq.qlogo.cn%2Fg",
    ],
  ])("is %s, and the initial where it can't be had", async (_, avatar_url, src) => {
    const shown = await open({ avatar_url });
    expect(shown.get("img").attributes("src")).toBe(src);
    await shown.get("img").trigger("error");
    expect(shown.find("img").exists()).toBe(false);
    expect(shown.find(".initial").exists()).toBe(true);
  });
});

describe("changing it", () => {
  it("sends the file, shows what came of it, and says so", async () => {
    const shown = await open();
    await choose(shown, picture());
    const sent = api.asked.find(({ what }) => what === "PUT /user/avatar/");
    expect(sent?.body).toBeInstanceOf(Blob);
    expect(shown.get("img").attributes("src")).toContain("/avatars/");
    expect(shown.get(".notice.good").text()).toBe("The picture is changed.");
  });

  it("doesn't send what is too large, and says what is wrong with what was sent", async () => {
    const shown = await open();
    await choose(shown, picture(8 * 1024 * 1024 + 1));
    expect(api.calls()).not.toContain("PUT /user/avatar/");
    expect(shown.get(".notice.bad").text()).toContain("too large");
    setAnswer = () => problem(400, "picture_unreadable", "This picture can’t be read.");
    await choose(shown, picture());
    expect(shown.get(".notice.bad").text()).toBe("This picture can’t be read.");
    expect(shown.find(".initial").exists()).toBe(true);
  });

  it("offers what bound third parties have, and takes it over when asked", async () => {
    const shown = await open();
    const offered = shown.findAll("[data-take-over]");
    expect(offered.map((one) => one.text())).toEqual(["Use the one of QQ"]);
    await offered[0]!.trigger("click");
    await flushPromises();
    expect(api.asked.at(-1)).toEqual({ what: "PUT /user/avatar/provider/", body: { provider: "qq" } });
    expect(shown.find("img").exists()).toBe(true);
  });

  it("removes it, and the focus goes to the button that stays", async () => {
    const shown = await open({ avatar_url: own });
    document.body.append(shown.element as Element);
    await shown.get("[data-action=remove-avatar]").trigger("click");
    await flushPromises();
    expect(shown.find("[data-action=remove-avatar]").exists()).toBe(false);
    expect(shown.find(".initial").exists()).toBe(true);
    expect(document.activeElement?.getAttribute("data-action")).toBe("choose-avatar");
  });
});
