/** Whether this machine has nats-server. In CI it has to. */
export declare const hasNats: boolean;
/** The configuration of a server that keeps events, as long as the test. */
export declare const JETSTREAM = "jetstream { store_dir: \"FOLDER/js\" }";
/** Servers of one cluster that keep events together. */
export declare function startCluster(size: number): Promise<NatsServer[]>;
/** A nats-server of its own for a test, on a port of loopback that it keeps. */
export declare class NatsServer {
    readonly port: number;
    private readonly config;
    private child;
    private readonly folder;
    private constructor();
    /**
     * A server that runs.
     *
     * @param config - lines of its configuration beside the port; FOLDER stands for a folder of its own
     */
    static start(config?: string): Promise<NatsServer>;
    /** A server that does not run yet. */
    static absent(config?: string): Promise<NatsServer>;
    get url(): `nats://${string}`;
    start(): Promise<void>;
    /** Ends it as `kill -9` does. */
    kill(): Promise<void>;
    /** Ends it as an operator does for maintenance: clients are told, and cut off one after another. */
    lameDuck(): Promise<void>;
    /** Stops it, and removes what it left. */
    stop(): Promise<void>;
    private end;
    private answers;
}
/** A port of loopback that nobody listens on. */
export declare function freePort(): Promise<number>;
