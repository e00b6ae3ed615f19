"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.NatsServer = exports.JETSTREAM = exports.hasNats = void 0;
exports.startCluster = startCluster;
exports.freePort = freePort;
const node_child_process_1 = require("node:child_process");
const node_events_1 = require("node:events");
const node_fs_1 = require("node:fs");
const node_net_1 = require("node:net");
const node_os_1 = require("node:os");
const node_path_1 = require("node:path");
const until_1 = require("../../until");
/** Whether this machine has nats-server. In CI it has to. */
exports.hasNats = process.env.CI !== undefined ||
    (0, node_child_process_1.spawnSync)('nats-server', ['--version'], { stdio: 'ignore' }).status === 0;
if (!exports.hasNats)
    console.warn('Nothing here is tested against NATS: there is no nats-server on this machine.');
/** The configuration of a server that keeps events, as long as the test. */
exports.JETSTREAM = 'jetstream { store_dir: "FOLDER/js" }';
/** Servers of one cluster that keep events together. */
async function startCluster(size) {
    const ports = await Promise.all(Array.from({ length: size }, freePort));
    const routes = ports.map(port => `nats://127.0.0.1:${port}`).join(', ');
    return await Promise.all(ports.map(async (port, n) => await NatsServer.start([
        `server_name: n${n}`, exports.JETSTREAM, `cluster { name: c, listen: "127.0.0.1:${port}", routes: [${routes}] }`
    ].join('\n'))));
}
/** A nats-server of its own for a test, on a port of loopback that it keeps. */
class NatsServer {
    port;
    config;
    child;
    folder = (0, node_fs_1.mkdtempSync)((0, node_path_1.join)((0, node_os_1.tmpdir)(), 'mesh-nats-'));
    constructor(port, config) {
        this.port = port;
        this.config = config;
    }
    /**
     * A server that runs.
     *
     * @param config - lines of its configuration beside the port; FOLDER stands for a folder of its own
     */
    static async start(config = '') {
        const server = await NatsServer.absent(config);
        await server.start();
        return server;
    }
    /** A server that does not run yet. */
    static async absent(config = '') {
        return new NatsServer(await freePort(), config);
    }
    get url() {
        return `nats://127.0.0.1:${this.port}`;
    }
    async start() {
        const file = (0, node_path_1.join)(this.folder, 'nats.conf');
        const config = this.config.replaceAll('FOLDER', this.folder);
        (0, node_fs_1.writeFileSync)(file, `listen: 127.0.0.1:${this.port}\n${config}\n`);
        this.child = (0, node_child_process_1.spawn)('nats-server', ['-c', file], { stdio: 'ignore' });
        const exited = (0, node_events_1.once)(this.child, 'exit').then(() => { throw new Error('nats-server ended at its start'); });
        exited.catch(() => { });
        await Promise.race([(0, until_1.until)('nats-server to listen', async () => await this.answers()), exited]);
    }
    /** Ends it as `kill -9` does. */
    async kill() {
        await this.end('SIGKILL');
    }
    /** Ends it as an operator does for maintenance: clients are told, and cut off one after another. */
    async lameDuck() {
        await this.end('SIGUSR2');
    }
    /** Stops it, and removes what it left. */
    async stop() {
        await this.end('SIGKILL');
        (0, node_fs_1.rmSync)(this.folder, { recursive: true, force: true });
    }
    async end(signal) {
        const { child } = this;
        this.child = undefined;
        if (child === undefined || child.exitCode !== null || child.signalCode !== null)
            return;
        const exited = (0, node_events_1.once)(child, 'exit');
        child.kill(signal);
        await exited;
    }
    async answers() {
        const socket = (0, node_net_1.connect)(this.port, '127.0.0.1');
        const [event] = await Promise.race([
            (0, node_events_1.once)(socket, 'data').then(() => ['data']), (0, node_events_1.once)(socket, 'close').then(() => ['close'])
        ]).catch(() => ['error']);
        socket.destroy();
        return event === 'data';
    }
}
exports.NatsServer = NatsServer;
/** A port of loopback that nobody listens on. */
async function freePort() {
    const server = (0, node_net_1.createServer)().listen(0, '127.0.0.1');
    await (0, node_events_1.once)(server, 'listening');
    // Listening on a port, it has an address.
    const { port } = server.address();
    server.close();
    await (0, node_events_1.once)(server, 'close');
    return port;
}
//# sourceMappingURL=nats-server.js.map