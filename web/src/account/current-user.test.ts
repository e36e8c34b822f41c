import { flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type EffectScope, effectScope } from "vue";
import { type Answer, answerWith, problem } from "../../test/support/page-under-test.ts";
import { onSessionExpired } from "../api.ts";
import { dropSession, startSession } from "../session.ts";
import { useCurrentUser } from "./current-user.ts";

const userOf = (id: number) => ({ id, username: `python0${id}`, email: null });
let answer: () => Answer;
let scope: EffectScope;

beforeEach(() => {
  scope = effectScope();
  answerWith({ "GET /user/": () => answer() });
});
afterEach(() => {
  scope.stop();
  vi.unstubAllGlobals();
});

const logIn = (userId: number, token = `t${userId}`) =>
  startSession({ token, username: `python0${userId}`, userId }, false);
const open = () => scope.run(() => useCurrentUser())!;

it("reads the account anew when another one logs in, not when the same one gets a new token", async () => {
  let times = 0;
  answer = () => {
    times += 1;
    return Response.json(userOf(times));
  };
  const { user } = open();
  await flushPromises();
  expect([user.value, times]).toEqual([null, 0]);
  logIn(1);
  await flushPromises();
  expect(user.value).toMatchObject({ id: 1 });
  logIn(1, "newer");
  await flushPromises();
  expect(times).toBe(1);
  logIn(2);
  await flushPromises();
  expect(user.value).toMatchObject({ id: 2 });
  dropSession();
  await flushPromises();
  expect(user.value).toBeNull();
});

it("never shows a late answer about the account before", async () => {
  const late: ((answer: Response) => void)[] = [];
  answer = () => new Promise((resolve) => late.push(resolve));
  logIn(1);
  const { user, failure } = open();
  await flushPromises();
  logIn(2);
  await flushPromises();
  late[1]!(Response.json(userOf(2)));
  await flushPromises();
  late[0]!(Response.json(userOf(1)));
  await flushPromises();
  expect(user.value).toMatchObject({ id: 2 });
  expect(failure.value).toBeNull();
});

it("does not end a session for a refusal of the token before it", async () => {
  const ended = vi.fn();
  onSessionExpired(ended);
  const late: ((answer: Response) => void)[] = [];
  answer = () => new Promise((resolve) => late.push(resolve));
  logIn(1, "old");
  open();
  await flushPromises();
  logIn(1, "new");
  late[0]!(problem(401, "token_expired", "Log in."));
  await flushPromises();
  expect(ended).not.toHaveBeenCalled();
  // Asked once more, with the token that has replaced it.
  expect(late).toHaveLength(2);
  logIn(2, "other");
  await flushPromises();
  late[2]!(problem(401, "token_expired", "Log in."));
  // A renewal looks twice before it gives up.
  await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
});

it("shows the account of a page that left no id, and why there is nothing to show", async () => {
  answer = () => Response.json(userOf(1));
  logIn(Number.NaN);
  const { user, failure } = open();
  await flushPromises();
  expect(user.value).toMatchObject({ id: 1 });
  answer = () => problem(500, "internal", "Out of order");
  logIn(3);
  await flushPromises();
  expect(user.value).toBeNull();
  expect(failure.value?.message).toContain("Something went wrong");
});
