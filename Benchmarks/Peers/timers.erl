%% erlang:send_after to a process a job, with the work that FireLimit has: erl -run timers main WORK [SIZE]...
-module(timers).
-export([main/1]).

main([Work | Sizes]) ->
    work(Work, [list_to_integer(Size) || Size <- Sizes]),
    halt(0).

now_us() -> erlang:monotonic_time(microsecond).

%% In nanoseconds, though it counts milliseconds.
used() -> element(1, erlang:statistics(runtime)) * 1000000.

resident() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    binary_to_integer(lists:nth(2, string:lexemes(Text, " "))) * 4096.

%% A process that is sent a message at each instant that is due; instants are in microseconds. Timers take whole milliseconds.
every(Period, First, Body) ->
    spawn(fun() -> arm(First), fires(Period, First, Body) end).

arm(Instant) -> erlang:send_after((Instant + 999) div 1000, self(), fire, [{abs, true}]).

fires(Period, Due, Body) ->
    receive
        fire ->
            arm(Due + Period),
            Body(Due),
            fires(Period, Due + Period, Body)
    end.

%% Lateness is counted in microseconds, a counter each.
-define(MOST, 2000000).

noting() ->
    Late = counters:new(?MOST + 1, [write_concurrency]),
    {Late, fun(Due) -> counters:add(Late, 1 + max(0, min(?MOST, now_us() - Due)), 1) end}.

tell_lateness(Late, Due, Cpu) ->
    Counts = [counters:get(Late, Place) || Place <- lists:seq(1, ?MOST + 1)],
    Fires = lists:sum(Counts),
    Find = fun(Part) -> find(Counts, Fires * Part, 0) end,
    io:format("{\"fires\": ~w, \"due\": ~w, \"cpu_ns\": ~w, \"p50_us\": ~w, \"p99_us\": ~w, \"p999_us\": ~w}~n",
              [Fires, Due, Cpu / Fires, Find(0.5), Find(0.99), Find(0.999)]).

find([Count | Counts], Left, Late) when Counts =/= [], Left > Count -> find(Counts, Left - Count, Late + 1);
find(_, _, Late) -> Late.

work("max", [Jobs]) ->
    Fires = counters:new(1, [write_concurrency]),
    Now = now_us(),
    [every(1000, Now, fun(_) -> counters:add(Fires, 1, 1) end) || _ <- lists:seq(1, Jobs)],
    Cpu = used(),
    timer:sleep(2000),
    Count = counters:get(Fires, 1),
    io:format("{\"fires\": ~w, \"cpu_ns\": ~w, \"per_s\": ~w}~n",
              [Count, (used() - Cpu) / Count, Count / (now_us() - Now) * 1000000]);
work("burst", [Jobs]) ->
    Me = self(),
    Due = now_us() + 500000 + Jobs * 5,
    [spawn(fun() -> arm(Due), receive fire -> Me ! done end end) || _ <- lists:seq(1, Jobs)],
    Cpu = used(),
    [receive done -> ok end || _ <- lists:seq(1, Jobs)],
    io:format("{\"fires\": ~w, \"due\": ~w, \"drain_ms\": ~w, \"cpu_ns\": ~w}~n",
              [Jobs, Jobs, (now_us() - Due) / 1000, (used() - Cpu) / Jobs]);
work("second", [Jobs, _, Seconds]) ->
    {Late, Note} = noting(),
    Base = now_us() + 500000 + Jobs * 5,
    [every(1000000, Base + Place * 1000000 div Jobs, Note) || Place <- lists:seq(0, Jobs - 1)],
    Cpu = used(),
    timer:sleep((Base + Seconds * 1000000 - now_us()) div 1000),
    tell_lateness(Late, Jobs * Seconds, used() - Cpu);
work("busy", [Seconds]) ->
    {Late, Note} = noting(),
    Base = now_us() + 300000,
    [every(100000, Base + Place * 1000, Note) || Place <- lists:seq(0, 99)],
    every(2000000, Base, fun(_) -> compute(now_us() + 1000000) end),
    Cpu = used(),
    timer:sleep((Base + Seconds * 1000000 - now_us()) div 1000),
    tell_lateness(Late, 1000 * Seconds, used() - Cpu);
work("register", [Jobs]) ->
    {Before, Start, Cpu} = {resident(), now_us(), used()},
    [every(3600000000, Start + 3600000000, fun(_) -> ok end) || _ <- lists:seq(1, Jobs)],
    Wall = now_us() - Start,
    io:format("{\"jobs\": ~w, \"wall_us\": ~w, \"cpu_us\": ~w, \"bytes\": ~w}~n",
              [Jobs, Wall / Jobs, (used() - Cpu) / 1000 / Jobs, (resident() - Before) / Jobs]);
work("idle", []) ->
    [every(3600000000, now_us() + 3600000000, fun(_) -> ok end) || _ <- lists:seq(1, 100)],
    timer:sleep(infinity);
work("start", []) ->
    every(3600000000, now_us(), fun(_) -> io:format("fired~n") end),
    timer:sleep(5000).

compute(Stop) ->
    case now_us() < Stop of
        true -> compute(Stop);
        false -> ok
    end.
