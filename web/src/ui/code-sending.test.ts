import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { defineComponent, h, ref } from "vue";
import { api, connectApi } from "../api.ts";
import { defaultSignUp } from "../site-config.ts";
import { useCodeSending } from "./code-sending.ts";

const start = 1_700_000_000_000;
let answers: (() => Response)[];
let asked: string[];

beforeEach(() => {
  vi.useFakeTimers({ now: start });
  sessionStorage.clear();
  asked = [];
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    return answers.shift()!();
  });
  connectApi({
    apiUrl: "http://api.test",
    session: "token",
    returnOrigins: [],
    providers: [],
    otherProviders: [],
    signUp: defaultSignUp,
    passkeys: { rpId: null },
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const sent = (headers: Record<string, string>) => () => Response.json({ message: "OK" }, { headers });
const refused = (status: number, code: string, seconds: number) => () =>
  Response.json({ code, title: "no" }, { status, headers: { "retry-after": String(seconds) } });

function open(purpose: "register" | "resetpwd" = "register", typed = "reader@example.com") {
  const address = ref(typed);
  let sending!: ReturnType<typeof useCodeSending>;
  const page = mount(
    defineComponent({
      setup() {
        sending = useCodeSending(
          purpose,
          () => address.value,
          (to, why) => api().sendEmailCode(to, why),
        );
        return () => h("p");
      },
    }),
  );
  return { address, sending, close: () => page.unmount() };
}

it("counts down what the server says, not what it usually says", async () => {
  answers = [sent({ "retry-after": "7" })];
  const { sending } = open();
  await sending.send();
  expect([sending.secondsLeft.value, sending.sentTo.value]).toEqual([7, "reader@example.com"]);
  await vi.advanceTimersByTimeAsync(6_500);
  expect(sending.secondsLeft.value).toBe(1);
  await sending.send();
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(500);
  expect(sending.secondsLeft.value).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

it("takes the tutorial's minute from a server that says nothing", async () => {
  answers = [sent({})];
  const { sending } = open();
  await sending.send();
  expect(sending.secondsLeft.value).toBe(60);
});

it("goes on through a reload, and knows what was sent for which purpose", async () => {
  answers = [sent({ "retry-after": "90" })];
  const first = open();
  await first.sending.send();
  first.close();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(open().sending.secondsLeft.value).toBe(60);
  expect(open().sending.sentTo.value).toBe("reader@example.com");
  const other = open("resetpwd").sending;
  expect([other.secondsLeft.value, other.sentTo.value]).toEqual([60, null]);
});

it("does not hold up another address than the one it was sent to", async () => {
  answers = [sent({ "retry-after": "60" })];
  const { sending, address } = open("register", "raeder@example.com");
  await sending.send();
  address.value = "reader@example.com";
  expect([sending.secondsLeft.value, sending.sentTo.value]).toEqual([0, null]);
  address.value = " Raeder@Example.com ";
  expect(sending.secondsLeft.value).toBe(60);
});

it("waits as long as a refusal says: for the address, or for everybody at this browser", async () => {
  answers = [refused(400, "code_too_frequent", 42), refused(429, "throttled", 3_000)];
  const { sending, address } = open();
  await expect(sending.send()).rejects.toMatchObject({ code: "code_too_frequent" });
  expect([sending.secondsLeft.value, sending.sentTo.value]).toEqual([42, null]);
  address.value = "other@example.com";
  await expect(sending.send()).rejects.toMatchObject({ code: "throttled" });
  address.value = "third@example.com";
  expect(sending.secondsLeft.value).toBe(3_000);
});

it("waits for the rest of the day where the address got its codes of one, through a reload too", async () => {
  answers = [refused(400, "code_too_frequent", 80_000)];
  const { sending } = open();
  await expect(sending.send()).rejects.toMatchObject({ code: "code_too_frequent" });
  expect(sending.secondsLeft.value).toBe(80_000);
  expect(open().sending.secondsLeft.value).toBe(80_000);
});

it("does not wait for days when the clock was set back", async () => {
  sessionStorage.setItem(
    "meiduo.code-wait",
    JSON.stringify({ address: null, endsAt: start + 25 * 3_600_000, purpose: null }),
  );
  expect(open().sending.secondsLeft.value).toBe(0);
  await flushPromises();
});
