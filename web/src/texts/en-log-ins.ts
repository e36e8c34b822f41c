/** The history of log-ins; a part of en.ts. */
export const logIns = {
  title: "Log-in history",
  lead: "The latest log-ins, also those that have ended. They are kept for a week after their end, refused tries for thirty days.",
  notMe: "One of them wasn’t you? Log out all other devices, and then",
  password: "change your password",
  refusedTries: "Refused tries",
  refused: "Refused tries: {times}",
  refusedAt: "The last one {time} · network {network}",
  at: "{time} · network {network}",
  ended: "Ended {time}",
  more: "Show more",
  empty: "There is nothing yet.",
  reasons: {
    wrong_password: "Wrong password",
    no_password: "The account has no password",
    second_factor: "The second factor was not proved",
    disabled: "The account is disabled",
    throttled: "Too many tries",
    other: "Not let in",
  },
};
