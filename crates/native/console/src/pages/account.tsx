// The account: its settings, what it uses, who did what.
import { Audit } from '../parts/audit';
import { Deliveries } from '../parts/deliveries';
import { Rules } from '../parts/rules';
import { Settings } from '../parts/settings';
import { Usage } from '../parts/usage';
import { Work } from '../parts/work';
import { useTitle } from '../use';

export default function Account() {
  useTitle('Account');
  return (
    <div class="page">
      <h1>Account</h1>
      <Settings />
      <Rules />
      <Usage />
      <Audit />
      <Work />
      <Deliveries />
    </div>
  );
}
