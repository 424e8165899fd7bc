import { describeChatLogContract } from '#core/chat/chat-log.contract';
import { createMemoryChatLog } from './chat-log.ts';

let channels = 0;
describeChatLogContract(
  'the memory twin',
  async () => createMemoryChatLog(),
  () => `ch_${++channels}`,
);
