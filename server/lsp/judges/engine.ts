import { type EngineProcess } from '../../launch/localProcess.ts';
import { RankscopeError } from '../../protocol/errors.ts';

/** The engine process of the language server. It starts when it is first needed, and again after it has died. */
export interface Engine {
  /** The client of the running process. Throws `engine` where it has died too often. */
  client(): EngineProcess['client'];
  dispose(): Promise<void>;
}

/** An engine that dies this often within `window` ms is not started again before that time has passed. */
const mostDeaths = 3;
const window = 60_000;

export function createEngine(launch: () => EngineProcess, now: () => number): Engine {
  let running: EngineProcess | undefined;
  let disposed = false;
  let deaths: number[] = [];
  let lastWords = '';
  const start = (): EngineProcess => {
    const engine = launch();
    running = engine;
    void engine.exited.then(({ what }) => {
      if (disposed) return;
      if (running === engine) running = undefined;
      deaths.push(now());
      lastWords = what;
    });
    return engine;
  };
  return {
    client: () => {
      deaths = deaths.filter((time) => now() - time < window);
      if (disposed) throw gone('The language server is shutting down.');
      if (running === undefined && deaths.length >= mostDeaths) throw gone(`The engine keeps dying: ${lastWords}`);
      return (running ?? start()).client;
    },
    dispose: async () => {
      disposed = true;
      await running?.dispose();
    },
  };
}

function gone(what: string): RankscopeError {
  return new RankscopeError({ code: 'engine', what, remedy: 'Choose another judge, or judge again in a minute.' });
}
