import type { zhStaff } from "./zh-staff.ts";

/** The same in English. */
export const enStaff: typeof zhStaff = {
  first: {
    lead: "The start of the program gave this link. It is good for an hour, once.",
    email: "E-mail (optional)",
    submit: "Make it",
    made: "The superuser was made. Log in with it now.",
    logIn: "Log in",
  },
  bulk: {
    title: "Many at once",
    action: "Action",
    actions: {
      disable: "Disable",
      enable: "Enable",
      end_tokens: "End all log-ins",
      add_to_group: "Add to group",
      remove_from_group: "Remove from group",
    },
    choose: "Choose",
    chooseOne: (id) => `Choose ${id}`,
    countChosen: (count) => `Count the ${count} chosen`,
    countAll: "Count all that fit",
    counted: (count) => `It would be ${count} accounts`,
    start: (action, count) => `${action}: ${count}`,
    lead: "It is done one by one in the background; each account stands in the audit log. You yourself and accounts that may do more than you are left out.",
    running: "Under way:",
    finished: "Done:",
  },
  notes: {
    title: "Notes",
    lead: "Notes are personal data of the user: in the export they ask for, and erased with the account.",
    nothing: "No notes yet",
    text: "New note",
    add: "Write it down",
    remove: "Remove note",
    removeLead: "Nothing brings it back. The audit log has who removed it, not what it said.",
  },
};
