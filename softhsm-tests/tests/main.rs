//! Every end-to-end test: one property a file, the file's name says which.
#![forbid(unsafe_code)]

// The harness itself and what is shipped beside the programs; these need no daemon.
mod bus_policy_lets_only_the_daemon_own_the_name_and_call_agents;
mod each_test_has_a_machine_of_its_own;
mod memory_search_and_captures_find_what_is_there;
mod polkit_actions_follow_seat_and_group;
mod scripted_pinentry_speaks_assuan;
mod test_key_signs_and_the_spy_counts;
