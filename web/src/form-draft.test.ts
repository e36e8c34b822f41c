import { beforeEach, expect, it } from "vitest";
import { effectScope, nextTick, reactive } from "vue";
import { useDraft } from "./form-draft.ts";

beforeEach(() => sessionStorage.clear());

function open() {
  const values = reactive({ username: "", password: "", allow: false });
  const scope = effectScope();
  const draft = scope.run(() => useDraft("test", values, ["username", "allow"]))!;
  return { values, draft, leave: () => scope.stop() };
}

it("gives back what was typed, and has never kept the password", async () => {
  const first = open();
  Object.assign(first.values, { username: "python01", password: "three quiet lanterns", allow: true });
  await nextTick();
  first.leave();
  expect(JSON.stringify(sessionStorage)).not.toContain("lanterns");
  expect(open().values).toEqual({ username: "python01", password: "", allow: true });
});

it("keeps nothing once the form has done its work", async () => {
  const { values, draft } = open();
  values.username = "python01";
  await nextTick();
  draft.clear();
  values.username = "python02";
  await nextTick();
  expect(sessionStorage).toHaveLength(0);
});

it("forgets what has been saved, and keeps what is typed after that", async () => {
  const { values, draft } = open();
  values.username = "python01";
  draft.saved();
  await nextTick();
  expect(sessionStorage).toHaveLength(0);
  values.username = "python02";
  await nextTick();
  expect(open().values.username).toBe("python02");
});

it.each(["not JSON", "null", "[]", '{"username":7,"allow":"yes"}'])("begins empty from %s", (kept) => {
  sessionStorage.setItem("meiduo.draft.test", kept);
  expect(open().values).toEqual({ username: "", password: "", allow: false });
});
