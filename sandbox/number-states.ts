import type { Answers, PageState } from "./previewed-state.ts";

const ofNumber = "[aria-labelledby=mobile-title]";

/** The page of the address and the number, of somebody whose number is proved: leaving it, and changing it. */
export function numberStates(user: Answers): readonly Omit<PageState, "isLoggedIn">[] {
  const proved = (state: "none" | "asked"): Answers => ({
    ...user,
    "GET /user/mobile/leave/": {
      body: {
        ...{ state, asked_at: null, delay_days: 7 },
        due_at: state === "none" ? null : "2026-12-07T08:00:00.000Z",
      },
    },
  });
  return [
    {
      name: "contact-sms",
      path: "/account/contact",
      shows: "[name=sms_code]",
      answers: proved("none"),
      sms: true,
    },
    {
      ...{ name: "number-lost", path: "/account/contact", sms: true, answers: proved("none") },
      ...{ acts: [["[data-action=lost-number]"]], shows: "[data-action=leave-number]" },
    },
    {
      ...{ name: "number-leave-waits", path: "/account/contact", sms: true, answers: proved("asked") },
      shows: "[data-action=keep-number]",
    },
    {
      ...{ name: "number-old-code", path: "/account/contact", sms: true },
      answers: { ...proved("none"), "PATCH /user/": { error: "old_number_required" } },
      acts: [
        [`${ofNumber} [name=current_password]`, "three quiet lanterns"],
        [`${ofNumber} form .button.quiet`],
      ],
      shows: "[name=old_sms_code]",
    },
  ];
}
