import { useUser } from "@meiduo/client/react";
import { useState } from "react";
import { Field } from "./Field.tsx";
import { useForm } from "./use-form.ts";

export function SignUpForm({ onLeave }: { onLeave: () => void }) {
  const { session } = useUser();
  const { isRunning, submit, wrong, wrongAtAll } = useForm();
  const [email, setEmail] = useState("");
  const [said, setSaid] = useState("");

  async function sendCode() {
    setSaid("");
    if (await submit(() => session.api.sendEmailCode(email, "register")))
      setSaid(`A code was sent to ${email}`);
  }

  async function signUp(form: FormData) {
    const text = (name: string) => String(form.get(name) ?? "");
    const password = text("password");
    const done = await submit(() =>
      session.signUp({
        username: text("username"),
        email,
        email_code: text("email_code"),
        password,
        password2: password,
        allow: "true",
      }),
    );
    if (done) onLeave();
  }

  return (
    <>
      <h1>Sign up</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void signUp(new FormData(event.currentTarget));
        }}
      >
        <Field label="User name" name="username" autoComplete="username" problem={wrong("username")} />
        <Field
          label="Email"
          type="email"
          autoComplete="email"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          problem={wrong("email")}
        />
        <button type="button" className="second" disabled={isRunning || email === ""} onClick={sendCode}>
          Send code
        </button>
        {said && <p role="status">{said}</p>}
        <Field
          label="Code from the mail"
          name="email_code"
          autoComplete="one-time-code"
          problem={wrong("email_code")}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          problem={wrong("password")}
        />
        <label className="tick">
          <input type="checkbox" name="allow" required />I agree to the terms
        </label>
        {wrongAtAll && <p role="alert">{wrongAtAll}</p>}
        <button type="submit" disabled={isRunning}>
          Sign up
        </button>
      </form>
      <p>
        Been here before?{" "}
        <button type="button" className="link" onClick={onLeave}>
          Log in
        </button>
      </p>
    </>
  );
}
