// Who and what may sign in to the account.
import { Credentials } from '../parts/credentials';
import { Subaccounts } from '../parts/subaccounts';
import { Users } from '../parts/users';
import { useTitle } from '../use';

export default function People() {
  useTitle('People');
  return (
    <div class="page">
      <h1>People</h1>
      <Users />
      <Subaccounts />
      <Credentials />
    </div>
  );
}
