/** What codes by SMS are for, as `send_type` on the wire. */
export const smsPurposes = ["changeMobile", "register", "resetpwd", "signIn"] as const;

export type SmsPurpose = (typeof smsPurposes)[number];

/** As the classic pages know it: sign-up and binding share the flag of a minute, the others have their own. */
export const flagNameOf = (purpose: SmsPurpose): string =>
  purpose === "register" ? "changeMobile" : purpose;

/** Whether one goes out to a number that no account has; the others tell by what becomes of them who has one. */
export const goesToAnybody = (
  purpose: SmsPurpose,
  { signInMakesAccounts }: { readonly signInMakesAccounts: boolean },
): boolean =>
  purpose === "changeMobile" || purpose === "register" || (purpose === "signIn" && signInMakesAccounts);
