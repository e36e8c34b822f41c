import { expect, it } from "vitest";
import { passwordStrength } from "./password-strength.ts";

it.each([
  ["abc", 0],
  ["aaaaaaaaaaaaaaaa", 1],
  ["12345678", 1],
  ["abcdefghijkl", 1],
  ["kW9$mQ2x", 2],
  ["three quiet lanterns", 4],
  ["山高月小水落石出清风徐来", 4],
])("%s has level %i", (password, level) => {
  expect(passwordStrength(password).level).toBe(level);
});

it("never calls a password good that has the own name or address in it", () => {
  const own = ["python01", "xiaomei@example.com"];
  expect(passwordStrength("my-PYTHON01-secret-words", own)).toEqual({ level: 1, advice: "name" });
  expect(passwordStrength("xiaomei likes long walks", own)).toEqual({ level: 1, advice: "name" });
  expect(passwordStrength("entirely different words", own).advice).toBe("good");
});
