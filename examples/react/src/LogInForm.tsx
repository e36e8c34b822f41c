import { useUser } from "@meiduo/client/react";
import { Field } from "./Field.tsx";
import { useForm } from "./use-form.ts";

export function LogInForm({ onNew }: { onNew: () => void }) {
  const { session } = useUser();
  const { isRunning, submit, wrongAtAll } = useForm();
  const logIn = (form: FormData) =>
    submit(() =>
      session.logIn(String(form.get("username")), String(form.get("password")), form.has("remember")),
    );
  return (
    <>
      <h1>Log in</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void logIn(new FormData(event.currentTarget));
        }}
      >
        <Field label="User name, email or mobile number" name="username" autoComplete="username" />
        <Field label="Password" name="password" type="password" autoComplete="current-password" />
        <label className="tick">
          <input type="checkbox" name="remember" />
          Remember me
        </label>
        {wrongAtAll && <p role="alert">{wrongAtAll}</p>}
        <button type="submit" disabled={isRunning}>
          Log in
        </button>
      </form>
      <p>
        New here?{" "}
        <button type="button" className="link" onClick={onNew}>
          Sign up
        </button>
      </p>
    </>
  );
}
