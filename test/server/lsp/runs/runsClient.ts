import { openClient, type Client } from '../../../../server/protocol/messages/channel.ts';
import { lspDuplex } from '../../../../server/protocol/messages/lspChannel.ts';
import { channelMethod, runsContract, type RunsContract } from '../../../../server/protocol/messages/runsContract.ts';
import type { RpcClient } from '../rpcClient.ts';

/** The editor's end of the channel, over a plain JSON-RPC client. */
export function runsClient(rpc: Pick<RpcClient, 'notify' | 'next'>): Client<RunsContract> {
  const duplex = lspDuplex(
    {
      sendNotification: (method, params) => {
        rpc.notify(method, params);
        return Promise.resolve();
      },
      onNotification: (method, handler) => {
        const listen = async (): Promise<never> => {
          for (;;) handler(await rpc.next(method));
        };
        void listen();
      },
    },
    new Promise(() => undefined),
  );
  return openClient(runsContract, duplex);
}

/** A message of the channel as it is, however wrong. */
export function sendRaw(rpc: Pick<RpcClient, 'notify'>, message: unknown): void {
  rpc.notify(channelMethod, message);
}
