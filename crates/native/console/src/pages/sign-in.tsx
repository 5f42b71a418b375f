// Signing in, with an account's Auth ID and token or a user's login and password.
import { useState } from 'preact/hooks';
import { Problem } from '../api/client';
import { signIn } from '../session';
import { useTitle } from '../use';

export function SignIn() {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  useTitle('Sign in');

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    try {
      await signIn(String(form.get('login')), String(form.get('password')));
    } catch (error) {
      setProblem(error as Problem);
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <h1>callvault</h1>
        <label>
          Auth ID or user name
          <input name="login" autocomplete="username" required autofocus spellcheck={false} autocapitalize="none" />
        </label>
        <label>
          Auth token or password
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <p class="problem" role="alert">{problem && said(problem)}</p>
        <button class="primary" disabled={busy}>{busy ? 'Signing in…' : 'Sign in'}</button>
      </form>
    </main>
  );
}

function said(problem: Problem): string {
  if (problem.status === 401) return 'These are not right.';
  if (problem.status === 429) return 'Too many failed attempts. Wait a while, then try again.';
  return problem.message;
}
