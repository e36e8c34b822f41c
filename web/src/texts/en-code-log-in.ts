/** The log-in by a code; a part of en.ts. */
export const codeLogIn = {
  title: "Log in with a code",
  lead: "No password needed; sign up with it if you have no account yet",
  hint: "We’ll send you a code. You can paste the whole message.",
  new: "There is no account yet. Fill in what is below to make one with the same code.",
  signUp: "Sign up and log in",
  off: "There is no log-in with a code here.",
  nothingCame: "Nothing came? Look among spam, check what you typed, and ask again after the countdown.",
  password: "Log in with a password",
} as const;
