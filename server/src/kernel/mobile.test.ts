import { expect, it } from "vitest";
import { pastedMobile } from "./mobile.ts";

it.each([
  ["13800138000", "13800138000"],
  ["+8613800138000", "13800138000"],
  ["+86 138 0013 8000", "13800138000"],
  ["86-138-0013-8000", "13800138000"],
  ["0086 13800138000", "13800138000"],
  ["(+86) 138.0013.8000", "13800138000"],
  ["１３８ ００１３ ８０００", "13800138000"],
  ["+1 (415) 555-2671", "+14155552671"],
])("takes the number out of %s as it is kept", (pasted, kept) => {
  expect(pastedMobile(pasted)).toBe(kept);
});

it.each(["12800138000", "138001380001", "a13800138000", "13800138000@example.com", "+86", ""])(
  "takes %j for none",
  (text) => {
    expect(pastedMobile(text)).toBeNull();
  },
);
