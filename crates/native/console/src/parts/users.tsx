// The users of the account.
import { useState } from 'preact/hooks';
import { api, data, type User } from '../api/client';
import { useKeys } from '../keys';
import { useDeed, usePages } from '../use';
import { listed } from '../words';
import { Confirm } from './confirm';
import { Dialog } from './dialog';
import { NewSecret } from './new-secret';
import { Failure, Loading } from './states';
import { Time } from './time';

export function Users() {
  const [adds, setAdds] = useState(false);
  const [renews, setRenews] = useState<User | null>(null);
  const { rows, error, loading, more, reload } = usePages<User>('users', async (after, signal) => {
    const query = after === undefined ? {} : { after };
    const { users, next } = await data(api.GET('/api/v1/users', { params: { query }, signal }));
    return { rows: users, next };
  });
  useKeys([{ key: 'n', does: 'Add a user', act: () => setAdds(true) }]);
  return (
    <section aria-labelledby="users">
      <header>
        <h2 id="users">Users</h2>
        <button type="button" class="primary" onClick={() => setAdds(true)}>Add a user…</button>
      </header>
      {error && <Failure problem={error} again={reload} />}
      {!rows && !error && <Loading what="the users" />}
      <ul class="cards" aria-labelledby="users">
        {rows?.map((user) => <One key={user.user_id} user={user} onRenew={() => setRenews(user)} onChange={reload} />)}
      </ul>
      {more && <button type="button" class="more" disabled={loading} onClick={more}>More users</button>}
      {adds && (
        <NewSecret
          title="Add a user" act="Add"
          onClose={(made) => {
            setAdds(false);
            if (made) reload();
          }}
          make={async (form) => {
            const body = { name: String(form.get('name')).trim(), extensions: listed(form, 'extensions') };
            const { username, password } = await data(api.POST('/api/v1/users', { body }));
            return { title: `${username} is added`, values: [['Login', username], ['Password', password]] };
          }}
        >
          <p>A user signs in here, and with Vonage’s API, and reaches what it recorded on demand.</p>
          <label>Name<input name="name" required maxLength={64} spellcheck={false} autocomplete="off" /><small>The login is made of it</small></label>
          <Extensions />
        </NewSecret>
      )}
      {renews && (
        <NewSecret
          title={`A new password for ${renews.username}?`} act="Make a new one" danger onClose={() => setRenews(null)}
          make={async () => {
            const params = { path: { user_id: renews.user_id } };
            const { username, password } = await data(api.POST('/api/v1/users/{user_id}/password', { params }));
            return { title: 'The new password', values: [['Login', username], ['Password', password]] };
          }}
        >
          <p>The old password stops working at once. So do the user’s tokens, and its sessions end, but for this one.</p>
        </NewSecret>
      )}
    </section>
  );
}

function Extensions({ user }: { user?: User }) {
  return (
    <label>
      Extensions
      <input name="extensions" spellcheck={false} autocomplete="off" defaultValue={user?.extensions.join(', ')} />
      <small>With commas between them: 101, 102</small>
    </label>
  );
}

function One({ user, onRenew, onChange }: { user: User; onRenew: () => void; onChange: () => void }) {
  const [asks, setAsks] = useState<'change' | 'remove' | null>(null);
  const params = { path: { user_id: user.user_id } };
  const close = () => setAsks(null);
  const who = <span class="hidden">{user.username}</span>;
  return (
    <li>
      <div>
        <h3>{user.username} {user.administrator && <span class="badge active">administrator</span>}</h3>
        <p>{user.extensions.length > 0 ? `Extensions ${user.extensions.join(', ')}` : <span class="muted">No extensions</span>}</p>
        <p class="muted">user {user.user_id}, since <Time at={user.created} /></p>
      </div>
      <div class="actions">
        <button type="button" onClick={() => setAsks('change')}>Extensions…{who}</button>
        <button type="button" onClick={onRenew}>New password…{who}</button>
        {!user.administrator && <button type="button" class="danger" onClick={() => setAsks('remove')}>Remove…{who}</button>}
      </div>
      {asks === 'change' && (
        <Change user={user} onClose={close} onDone={() => {
          close();
          onChange();
        }} />
      )}
      {asks === 'remove' && (
        <Confirm
          title={`Remove ${user.username}?`} act="Remove" onClose={close}
          onAct={async () => {
            await data(api.DELETE('/api/v1/users/{user_id}', { params }));
            close();
            onChange();
          }}
        >
          <p>Who signed in as this user is out at once. The recordings stay, and are for administrators then.</p>
        </Confirm>
      )}
    </li>
  );
}

function Change({ user, onDone, onClose }: { user: User; onDone: () => void; onClose: () => void }) {
  const { busy, problem, act } = useDeed();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const params = { path: { user_id: user.user_id } };
    const body = { extensions: listed(form, 'extensions') };
    act(() => data(api.PATCH('/api/v1/users/{user_id}', { params, body })).then(onDone));
  };
  return (
    <Dialog title={`The extensions of ${user.username}`} onClose={onClose}>
      <form onSubmit={submit}>
        <Extensions user={user} />
        {problem && <Failure problem={problem} />}
        <footer>
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary" disabled={busy}>Save</button>
        </footer>
      </form>
    </Dialog>
  );
}
