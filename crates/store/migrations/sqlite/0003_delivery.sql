-- Answers that were asked to be sent to a customer's own server, kept for thirty days. Each sending
-- is a job; what comes of it is an attempt.
create table delivery (
    delivery_id integer primary key autoincrement,
    account_id integer not null references account (account_id),   -- who asked
    root_id integer not null references account (account_id),
    dialect text not null,                      -- whose words the answer is in
    url text not null,                          -- without its fragment
    method text not null,
    connect_timeout integer not null,
    read_timeout integer not null,
    total_timeout integer not null,
    retries integer not null,
    retry_on integer not null,                  -- bits: 1 4xx, 2 5xx, 4 connecting, 8 reading, 16 others
    status integer not null,                    -- of the answer
    answer text not null,                       -- its body, a JSON object
    state text not null,                        -- pending, delivered, failed
    attempts integer not null,
    tries_left integer not null,
    created integer not null
) strict;
create index delivery_root on delivery (root_id, delivery_id);
create index delivery_subaccount on delivery (account_id, delivery_id);
create index delivery_created on delivery (created);

create table delivery_attempt (
    delivery_id integer not null,
    attempt integer not null,                   -- 1 is the first
    started integer not null,
    duration integer not null,
    status integer,                             -- what the server answered
    error text,                                 -- or why it did not
    primary key (delivery_id, attempt)
) strict, without rowid;
