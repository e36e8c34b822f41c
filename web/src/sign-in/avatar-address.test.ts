import { expect, it } from "vitest";
import { avatarAddress } from "./avatar-address.ts";

it("asks the own site for a picture, never the provider", () => {
  expect(avatarAddress("https://thirdqq.qlogo.cn/g?k=1&s=100")).toBe(
    "/avatar?address=https%3A%2F%2Fthirdqq.qlogo.cn%2Fg%3Fk%3D1%26s%3D100",
  );
});

it.each([
  null,
  undefined,
  "",
  "not an address",
  "http://thirdqq.qlogo.cn/g",
  "javascript:alert(1)",
  "data:,x",
])("shows no picture for %j", (avatar) => {
  expect(avatarAddress(avatar)).toBeNull();
});
