/** One's own data, consents and age; a part of en.ts. */
export const age = {
  title: "Age",
  "14_or_older": "I am 14 or older",
  guardian_agrees: "I am under 14, and a guardian agrees that I use this site",
  hint: "No date of birth is needed.",
  refused: "This site has no accounts for anybody under 14.",
  contact: "The guardian’s email address or mobile number",
  contactHint: "We may write to the guardian about your account.",
  dueTitle: "Please tell us your age",
  submit: "Confirm",
  otherwise: "Neither of these?",
};

export const choices = {
  title: "What you agreed to",
  marketing: "Send me news and offers (I can withdraw this at any time)",
  terms: "Terms of use",
  privacy: "Privacy policy",
  agreed: "Version {version}, agreed on {time}",
  notGiven: "Version {version}, not agreed to",
  give: "Agree",
  withdraw: "Withdraw",
};

export const rights = {
  exportTitle: "Your data",
  exportLead: "Download everything that this site keeps about your account, once a day.",
  exportAsked:
    "Asked for. A mail to your confirmed address says when it is ready, as a rule within a minute.",
  exportReady: "Ready",
  exportPreparing: "Being prepared",
  exportTimes: "Asked for {time} · kept until {end}",
  exportFetch: "Download",
  exportAsk: "Ask for my data",
  deleteTitle: "Delete account",
  deleteLead: "You may want to download your data first.",
  deleteFollows: [
    "Every device is logged out at once.",
    "If this site leaves some days for that, you can log in and keep the account until the time that we tell you. Then, or at once where it leaves none, it is erased with its data, and nothing brings it back.",
    "Nobody can sign up with your user name, address or number for a while.",
    "Connected log-ins are removed, and what you granted at those services is taken back where they offer it; at the others, take it back in your settings there.",
  ],
  deleteGo: "Delete my account",
  deleteSubmit: "Yes, delete it",
  keepTitle: "This account is going to be deleted",
  keepLead: "From {time} on it is erased with its data. Do you want to keep it?",
  keepSubmit: "Keep my account",
  keepLeave: "No, back to the log-in",
  publicTitle: "Delete your account",
  publicLead: "You need no app, and you need not write to us.",
  publicSections: [
    {
      title: "How",
      text: "Log in, open “Your data” in the account settings, choose “Delete account” and confirm that it is you, by your password or in another way. No reason is asked for. If you forgot the password, reset it on the log-in page first.",
    },
    {
      title: "What follows",
      text: "Every device is logged out at once. If this site leaves some days for that, you can log in and keep the account until the time that we tell you. Then, or at once where it leaves none, your profile, names, connected log-ins, sessions, second factors and the records of mails to you are erased.",
    },
    {
      title: "What is left",
      text: "The account’s number, digests of its names that keep others from taking them for a while, and a record of changes without anything about you. Backups are deleted in time.",
    },
  ],
  publicHelp: "If you can’t log in, write to {email}.",
  publicGo: "Log in and delete",
};
