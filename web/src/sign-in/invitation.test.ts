import { afterEach, expect, it } from "vitest";
import {
  forgetInvitation,
  invitationField,
  invitationIn,
  keepInvitation,
  keptInvitation,
} from "./invitation.ts";

afterEach(forgetInvitation);

const token = "kZ3m_-9QwErTyUiOpAsDfGhJkLzXcVbNm1234567890";

it.each([
  [`#invitation=${token}`, token],
  [`#x=1&invitation=${token}`, token],
  ["#invitation=short", null],
  [`#invitation=${token}<script>`, null],
  ["", null],
])("reads %j as %j", (hash, expected) => {
  expect(invitationIn(hash)).toBe(expected);
});

it("is kept for the tab until it has done its work, and never for the browser", () => {
  keepInvitation(token);
  expect([keptInvitation(), invitationField()]).toEqual([token, { invitation: token }]);
  expect(JSON.stringify({ ...localStorage })).not.toContain(token);
  forgetInvitation();
  expect([keptInvitation(), invitationField()]).toEqual([null, {}]);
});
