import { expect, it } from "vitest";
import { heldFor, holdFor } from "./held-content.ts";

const content = { mobile: "13912345678", profile: { nickname: "小明" } };

it("is read by whoever shows the token, and by nobody else", () => {
  const stored = holdFor("a-token", content);
  expect(stored).not.toMatch(/13912345678|小明|mobile/);
  expect(heldFor("a-token", stored)).toEqual(content);
  expect(heldFor("another", stored)).toBeNull();
});

it("of a program from before it is read as it stands", () => {
  expect(heldFor("a-token", JSON.stringify(content))).toEqual(content);
});
