import { expect, it } from "vitest";
import { currentPasswordIn } from "./current-password.ts";

it("an account without a password sends none: an empty one would be a wrong one", () => {
  expect(currentPasswordIn({ current_password: "" })).toEqual({});
  // Beside other fields, and as it was typed.
  const values = { email: "44@qq.com", current_password: " a b " };
  expect(currentPasswordIn(values)).toEqual({ current_password: " a b " });
});
