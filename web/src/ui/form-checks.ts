/** Checks a form makes before it asks the server. They return the key of a text, or null. The server decides. */

export function checkUsername(username: string): string | null {
  const length = [...username.normalize("NFKC")].length;
  if (length === 0) return "check.required";
  if (!/^[\p{L}\p{M}\p{N}.+\-_]*$/u.test(username.normalize("NFKC"))) return "check.usernameLetters";
  return length < 5 || length > 20 ? "check.usernameLength" : null;
}

/**
 * As browsers read `type=email`; before the @ also what Chinese, Japanese and Korean are written in, after it letters
 * of any script: some browsers send punycode for them, and the server takes both.
 */
export function checkEmail(email: string): string | null {
  const address = email.trim();
  if (address === "") return "check.required";
  const asian = "\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}\\p{scx=Bopomofo}\\p{scx=Hangul}";
  const local = `(?:(?=[\\p{L}\\p{M}\\p{N}])[${asian}]|[a-zA-Z0-9.!#$%&'*+/=?^_\`{|}~-])+`;
  const label = "[\\p{L}\\p{N}](?:[\\p{L}\\p{M}\\p{N}-]*[\\p{L}\\p{M}\\p{N}])?";
  return new RegExp(`^${local}@${label}(?:[.。．｡]${label})+$`, "u").test(address) ? null : "check.email";
}

export function checkCode(code: string): string | null {
  if (code === "") return "check.required";
  return /^[a-z0-9]{6}$/i.test(code) ? null : "check.codeLength";
}

export function checkNewPassword(password: string): string | null {
  if (password === "") return "check.required";
  const length = [...password].length;
  if (length < 8) return "check.passwordLength";
  return length > 128 ? "check.passwordTooLong" : null;
}

/** The two fields of a new password, typed twice because nobody sees what is typed. */
export const newPasswordChecks = {
  password: ({ password }: { password: string }) => checkNewPassword(password),
  password2({ password, password2 }: { password: string; password2: string }): string | null {
    if (password2 === "") return "check.required";
    return password2 === password ? null : "check.passwordsDiffer";
  },
};

export function checkMobile(mobile: string): string | null {
  if (mobile.startsWith("+")) return /^\+(?!86)[1-9]\d{6,14}$/.test(mobile) ? null : "check.mobileAbroad";
  return /^1[3-9]\d{9}$/.test(mobile) ? null : "check.mobile";
}

export function checkFilled(value: string): string | null {
  return value.trim() === "" ? "check.required" : null;
}

/**
 * A pasted code may carry spaces or a full-width form; people type either case. Of a whole message it is the six characters
 * of our codes that stand alone, in upper case.
 */
export function tidyCode(typed: string): string {
  const text = typed.normalize("NFKC");
  const alone = /(?:^|[^A-Za-z0-9])([2-9A-HJKMNP-Z]{6})(?![A-Za-z0-9])/.exec(text)?.[1];
  return alone ?? text.replace(/\s+/g, "").toUpperCase().slice(0, 6);
}

export function checkSmsCode(code: string): string | null {
  if (code === "") return "check.required";
  return /^\d{6}$/.test(code) ? null : "check.smsCode";
}

/** The code out of whatever was pasted, the whole message too: the six digits that stand alone; else what digits there are. */
export function tidySmsCode(typed: string): string {
  const text = typed.normalize("NFKC");
  // Without a look behind, which Safari 14 can't read.
  const alone = /(?:^|\D)(\d{6})(?!\d)/.exec(text)?.[1];
  return alone ?? text.replace(/\D+/g, "").slice(0, 6);
}
