import { describeBusWireContract } from './bus-wire.contract.ts';
import { createMemorySwitch } from './memory-wire.ts';

describeBusWireContract('memory', () => {
  const wires = createMemorySwitch();
  return { plug: wires.plug };
});
