import { describePostAllowanceContract } from '#core/chat/post-allowance.contract';
import { describeReactionTallyContract } from '#core/chat/reaction-tally.contract';
import { createMemoryPostAllowance } from './post-allowance.ts';
import { createMemoryReactionTally } from './reaction-tally.ts';

let made = 0;
describeReactionTallyContract('the memory twin', createMemoryReactionTally(), () => `br_${++made}`);
describePostAllowanceContract(
  'the memory twin',
  createMemoryPostAllowance({ now: () => new Date(1_700_000_000_000) }),
  () => `gst_${++made}`,
);
