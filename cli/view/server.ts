import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HOSTED_POLICY } from '../../checker/pages/explorer.ts';
import type { Served } from './files.ts';

/** Only this machine is served. */
const HOST = '127.0.0.1';

/** A server that runs. */
export interface Serving {
  /** `http://127.0.0.1:8123/` */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Serves a few texts, and nothing else, to this machine. `port` 0: any that is free.
 * @throws where the port cannot be had.
 */
export async function serve(files: ReadonlyMap<string, Served>, port: number): Promise<Serving> {
  const server = createServer(({ method, url = '', headers }, response) => {
    const file = files.get(url.split('?', 1)[0] ?? '');
    // A page of another site cannot be this one under a name of its own.
    if (!isHere(headers.host)) response.writeHead(421).end();
    else if (method !== 'GET' && method !== 'HEAD') response.writeHead(405, { allow: 'GET, HEAD' }).end();
    else if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, headersOf(file)).end(method === 'HEAD' ? undefined : file.text);
  });
  await listening(server, port);
  const { port: given } = server.address() as AddressInfo;
  return {
    address: `http://${HOST}:${given}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isHere(host: string | undefined): boolean {
  return /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(host ?? '');
}

function headersOf({ type, text }: Served): Readonly<Record<string, string | number>> {
  return {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'content-security-policy': `${HOSTED_POLICY}; frame-ancestors 'none'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
